using System.Diagnostics;

namespace Switchback.Drills.Ledger;

/// <summary>
/// The one clock of a drill: milliseconds since it began, monotonic. Applications on the same machine write unix milliseconds;
/// the pair of both clocks taken at the start converts them.
/// </summary>
internal sealed class DrillClock
{
    private readonly long _startedTicks;
    private readonly double _startedUnixMs;

    private DrillClock(DateTimeOffset started, long startedTicks)
    {
        Started = started;
        _startedTicks = startedTicks;
        _startedUnixMs = UnixMs(started);
    }

    /// <summary>The drill's beginning as wall-clock time.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Now, in milliseconds since the drill began.</summary>
    public double NowMs => Stopwatch.GetElapsedTime(_startedTicks).TotalMilliseconds;

    public static DrillClock Start() => new(DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());

    /// <summary>The drill's time of a moment that an application on this machine gave in unix milliseconds.</summary>
    public double FromUnixMs(double unixMs) => unixMs - _startedUnixMs;

    private static double UnixMs(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalMilliseconds;
}
