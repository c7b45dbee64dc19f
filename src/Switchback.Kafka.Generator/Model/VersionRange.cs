using System.Globalization;

namespace Switchback.Kafka.Generator.Model;

/// <summary>An inclusive range of message versions, as <c>4-18</c>, <c>12+</c>, <c>0</c> or <c>none</c>.</summary>
internal readonly struct VersionRange
{
    public static readonly VersionRange None = new(1, 0);
    public static readonly VersionRange All = new(0, short.MaxValue);

    public VersionRange(int lowest, int highest)
    {
        Lowest = lowest;
        Highest = highest;
    }

    public int Lowest { get; }

    public int Highest { get; }

    public bool IsEmpty => Lowest > Highest;

    public VersionRange Intersect(VersionRange other) =>
        new(System.Math.Max(Lowest, other.Lowest), System.Math.Min(Highest, other.Highest));

    public bool Covers(VersionRange other) => other.IsEmpty || (Lowest <= other.Lowest && Highest >= other.Highest);

    public static bool TryParse(string text, out VersionRange range)
    {
        range = None;
        if (text == "none")
            return true;
        if (text.EndsWith("+", System.StringComparison.Ordinal))
        {
            if (!TryNumber(text.Substring(0, text.Length - 1), out var from))
                return false;
            range = new VersionRange(from, short.MaxValue);
            return true;
        }

        var dash = text.IndexOf('-');
        if (!TryNumber(dash < 0 ? text : text.Substring(0, dash), out var lowest))
            return false;
        var highest = lowest;
        if (dash >= 0 && !TryNumber(text.Substring(dash + 1), out highest))
            return false;
        range = new VersionRange(lowest, highest);
        return lowest <= highest;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
