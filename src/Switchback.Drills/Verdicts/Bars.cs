using System.Globalization;

namespace Switchback.Drills.Verdicts;

/// <summary>
/// The bars a verdict is held to. A bar is <c>METRIC OP NUMBER</c>, such as <c>lost = 0</c> or <c>outage.failback &lt;= 10000</c> (milliseconds, the
/// longest of any client), <c>METRIC OP METRIC</c>, such as <c>lost &lt;= stranded</c>, or one of the named bars.
/// </summary>
internal static class Bars
{
    /// <summary>Every client moved forward in steady, after the switch and after failback.</summary>
    public const string EveryClientMadeProgress = "every client made progress";

    /// <summary>Every ConfigMap change gave exactly one rollout of each workload it concerns and none of the others.</summary>
    public const string OneRolloutPerChange = "one rollout per change";

    private static readonly string[] Operators = ["=", "<=", ">=", "<", ">"];

    /// <summary>Reads a bar; exactly one of the two is null.</summary>
    public static (Bar? Bar, string? Error) Parse(string text)
    {
        if (text is EveryClientMadeProgress or OneRolloutPerChange)
        {
            return (new Bar(text, text, "=", 0), null);
        }

        if (text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var metric, var comparison, var number])
        {
            return (null, $"'{text}' is no bar; METRIC OP NUMBER (lost = 0), METRIC OP METRIC (lost <= stranded), '{EveryClientMadeProgress}' or '{OneRolloutPerChange}' would be right");
        }

        if (!Metrics.Names.Contains(metric))
        {
            return (null, $"'{metric}' is no metric; one of {string.Join(", ", Metrics.Names)} would be right");
        }

        if (!Operators.Contains(comparison))
        {
            return (null, $"'{comparison}' is no comparison; one of {string.Join(" ", Operators)} would be right");
        }

        if (Metrics.Names.Contains(number))
        {
            return (new Bar(text, metric, comparison, 0, number), null);
        }

        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit)
            ? (new Bar(text, metric, comparison, limit), null)
            : (null, $"'{number}' is no number; a count or milliseconds, zero or more, or another metric would be right");
    }
}

/// <summary>One bar as read.</summary>
/// <param name="Text">As the scenario file writes it.</param>
/// <param name="Metric">What is measured; the name of a named bar, whose metric is the number of breaches.</param>
/// <param name="Comparison">One of = &lt;= &gt;= &lt; &gt;.</param>
/// <param name="Limit">What it is compared with, where that is a number.</param>
/// <param name="Other">The metric it is compared with instead; null for none.</param>
internal sealed record Bar(string Text, string Metric, string Comparison, double Limit, string? Other = null)
{
    /// <summary>Whether a value meets it.</summary>
    /// <param name="value">What was measured.</param>
    /// <param name="other">The value of <see cref="Other"/>.</param>
    public bool Holds(double value, double? other = null)
    {
        var limit = other ?? Limit;
        return Comparison switch
        {
            "=" => value == limit,
            "<=" => value <= limit,
            ">=" => value >= limit,
            "<" => value < limit,
            _ => value > limit,
        };
    }
}
