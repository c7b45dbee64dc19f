namespace Switchback.LocalKubernetes.Store;

/// <summary>What becomes of the objects that the deleted one owns.</summary>
internal enum Propagation
{
    /// <summary>The object goes at once, its dependents afterwards.</summary>
    Background,

    /// <summary>The dependents go first.</summary>
    Foreground,

    /// <summary>The dependents stay.</summary>
    Orphan,
}

/// <param name="GracePeriodSeconds">Null for the object's own; 0 removes at once, as a node does when a pod has ended.</param>
/// <param name="Propagation">What becomes of dependents.</param>
/// <param name="Uid">Delete only this incarnation.</param>
/// <param name="ResourceVersion">Delete only this version.</param>
/// <param name="DryRun">Answer, and change nothing.</param>
internal sealed record DeleteOptions(
    long? GracePeriodSeconds = null,
    Propagation Propagation = Propagation.Background,
    string? Uid = null,
    string? ResourceVersion = null,
    bool DryRun = false)
{
    /// <summary>Gone at once, whatever its grace period.</summary>
    public static DeleteOptions Now { get; } = new(GracePeriodSeconds: 0);
}
