namespace Switchback.Drills.Ledger;

/// <summary>The phases a scenario goes through, as the verdict names them.</summary>
internal static class PhaseNames
{
    public const string Steady = "steady";
    public const string Disaster = "disaster";
    public const string Failover = "failover";
    public const string Failback = "failback";
    public const string Settled = "settled";
}

/// <summary>One phase. Times are milliseconds since the drill began; the first one begins when load does.</summary>
internal sealed record PhaseFact(string Name, double StartedMs, double EndedMs);

/// <summary>What kind of thing was done.</summary>
internal enum StepKind
{
    /// <summary>Anything that prepares, waits or checks.</summary>
    Step,

    /// <summary>A fault: a cluster killed or cut off.</summary>
    Fault,

    /// <summary>What a fault took is brought back.</summary>
    Recovery,

    /// <summary>A configuration change that moves clients to another cluster.</summary>
    Switch,
}

/// <summary>One thing the drill did.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Title">One line for someone who was not there, such as <c>kill -9 of the whole north cluster</c>.</param>
/// <param name="StartedMs">When it began, in milliseconds since the drill began.</param>
/// <param name="EndedMs">When it was done.</param>
/// <param name="Command">What a person would type to do the same; null where nothing can be typed.</param>
/// <param name="Cluster">The cluster killed, brought back or switched to.</param>
/// <param name="Clients">The applications a switch concerns.</param>
internal sealed record StepFact(
    StepKind Kind,
    string Title,
    double StartedMs,
    double EndedMs,
    string? Command = null,
    string? Cluster = null,
    IReadOnlyList<string>? Clients = null);

/// <summary>One incarnation of an application.</summary>
/// <param name="Client">The application.</param>
/// <param name="Pod">The pod's name.</param>
/// <param name="StartedMs">When it was seen to start, in milliseconds since the drill began.</param>
/// <param name="EndedMs">When it was gone; null while it runs at the end.</param>
/// <param name="Cluster">The cluster its configuration named when it started; null where that is not known.</param>
internal sealed record PodFact(string Client, string Pod, double StartedMs, double? EndedMs = null, string? Cluster = null);

/// <summary>What one ConfigMap change did to one workload.</summary>
/// <param name="Change">The change, such as <c>kafka-proxy-config to west</c>.</param>
/// <param name="Workload">The Deployment.</param>
/// <param name="Expected">1 where the change concerns the workload, else 0.</param>
/// <param name="Observed">How many rollouts were seen.</param>
/// <param name="DurationMs">From the change to the rollout's end; null without one.</param>
internal sealed record RolloutFact(string Change, string Workload, int Expected, int Observed, double? DurationMs = null);
