namespace Switchback.Kubernetes;

/// <summary>How replicas agree on who leads, by a Lease. The defaults are those of Kubernetes' own components.</summary>
/// <param name="Name">The Lease.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Identity">This replica; unique, best the pod's name and something random.</param>
public sealed record LeaseOptions(string Name, string Namespace, string Identity)
{
    /// <summary>How long a Lease is valid after its last renewal: others wait that long for a leader that fell silent.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A leader that could not renew for this long steps down; less than <see cref="Duration"/>, so that there are never two.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between attempts.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
