namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>The kubelet's delays between restarts: none before the first, then 10 s, 20 s, 40 s up to 5 minutes; forgotten after 10 minutes of running.</summary>
/// <param name="first">The first delay that is not zero.</param>
internal sealed class RestartBackOff(TimeSpan first)
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private TimeSpan _next;

    /// <summary>The delay after a run that took so long.</summary>
    public TimeSpan Next(TimeSpan ran)
    {
        var delay = ran >= Forgotten ? TimeSpan.Zero : _next;
        _next = delay == TimeSpan.Zero ? first : TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, first.Ticks * 30));
        return delay;
    }
}
