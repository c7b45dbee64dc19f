using System.Globalization;

namespace Switchback.Drills.Reports;

/// <summary>How a report writes numbers and times.</summary>
internal static class Figures
{
    /// <summary>A count with its thousands apart: 12,345.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>An amount of data: 340 B, 12.3 kB, 4.5 MB.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes}\u202fB"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0}\u202fkB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0}\u202fMB"),
    };

    /// <summary>A moment of the drill: 12.3 s, or 2:05.3 from a minute on.</summary>
    public static string Moment(double ms) => Math.Abs(ms) < 60_000
        ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.0}\u202fs")
        : string.Create(CultureInfo.InvariantCulture, $"{(int)(ms / 60_000)}:{ms / 1000 % 60:00.0}");

    /// <summary>A length of time: 340 ms, 5.6 s, 2 min 5 s.</summary>
    public static string Length(double ms) => ms switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.00}\u202fms"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.0}\u202fms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0}\u202fms"),
        < 120_000 => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.0}\u202fs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)(ms / 60_000)}\u202fmin {ms / 1000 % 60:0}\u202fs"),
    };

    public static string Counted(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";
}
