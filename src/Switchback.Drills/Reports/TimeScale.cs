namespace Switchback.Drills.Reports;

/// <summary>The drill's time across a chart: from the beginning of the first phase to the end of the last.</summary>
internal sealed class TimeScale(double fromMs, double toMs)
{
    private static readonly double[] Steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600];

    public double FromMs => fromMs;

    public double LengthMs { get; } = Math.Max(1, toMs - fromMs);

    /// <summary>Where a moment is, in percent of the width.</summary>
    public double Percent(double ms) => Math.Round(Math.Clamp((ms - fromMs) / LengthMs, 0, 1) * 100, 3);

    /// <summary>Round times for the axis: at most seven, so that they fit a narrow screen.</summary>
    public IEnumerable<double> Ticks()
    {
        var step = Steps.FirstOrDefault(seconds => LengthMs / (seconds * 1000) <= 6.5, LengthMs / 6000) * 1000;
        for (var at = Math.Ceiling(fromMs / step) * step; at <= fromMs + LengthMs; at += step)
        {
            yield return at;
        }
    }

    /// <summary>How long a bar of a histogram is: short enough to see a second, long enough not to be noise.</summary>
    public double BinMs => Math.Max(250, Math.Ceiling(LengthMs / 180 / 250) * 250);
}
