using System.Globalization;

namespace Switchback.LocalKubernetes.Api.Tables;

/// <summary>Durations as kubectl shows ages: two units at most, coarser the longer it is.</summary>
internal static class Durations
{
    public static string Human(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var minutes = seconds / 60;
        var hours = minutes / 60;
        var days = hours / 24;
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 120 => Unit(seconds, "s"),
            < 600 => Pair(minutes, "m", seconds % 60, "s"),
            < 3 * 3600 => Unit(minutes, "m"),
            < 8 * 3600 => Pair(hours, "h", minutes % 60, "m"),
            < 48 * 3600 => Unit(hours, "h"),
            < 8 * 86400 => Pair(days, "d", hours % 24, "h"),
            < 2 * 365 * 86400L => Unit(days, "d"),
            < 8 * 365 * 86400L => Pair(days / 365, "y", days % 365, "d"),
            _ => Unit(days / 365, "y"),
        };
    }

    private static string Pair(long large, string largeUnit, long small, string smallUnit) => Unit(large, largeUnit) + (small == 0 ? "" : Unit(small, smallUnit));

    private static string Unit(long number, string unit) => number.ToString(CultureInfo.InvariantCulture) + unit;
}
