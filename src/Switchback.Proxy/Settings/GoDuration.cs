using System.Buffers;
using System.Globalization;

namespace Switchback.Proxy.Settings;

/// <summary>Go's notation of durations: a sequence of decimal numbers with units, such as <c>1m30s</c> or <c>1.5h</c>.</summary>
internal static class GoDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var end = rest.IndexOfAny(Digits);
            var unit = TicksOf(end < 0 ? rest : rest[..end]);
            if (unit == 0 || number > long.MaxValue / TimeSpan.TicksPerHour)
            {
                return false;
            }

            ticks += number * unit;
            rest = end < 0 ? default : rest[end..];
        }

        if (ticks > long.MaxValue)
        {
            return false;
        }

        duration = new TimeSpan((long)(negative ? -ticks : ticks));
        return true;
    }

    private static decimal TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 0.01m,
        "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        _ => 0,
    };
}
