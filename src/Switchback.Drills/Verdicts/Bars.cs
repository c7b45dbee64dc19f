using System.Globalization;

namespace Switchback.Drills.Verdicts;

/// <summary>
/// The bars a verdict is held to. A bar is <c>METRIC OP NUMBER</c>, such as <c>lost = 0</c> or <c>outage.failback &lt;= 10000</c> (milliseconds, the
/// longest of any client), or one of the named bars.
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
            return (null, $"'{text}' is no bar; METRIC OP NUMBER (lost = 0), '{EveryClientMadeProgress}' or '{OneRolloutPerChange}' would be right");
        }

        if (!Metrics.Names.Contains(metric))
        {
            return (null, $"'{metric}' is no metric; one of {string.Join(", ", Metrics.Names)} would be right");
        }

        if (!Operators.Contains(comparison))
        {
            return (null, $"'{comparison}' is no comparison; one of {string.Join(" ", Operators)} would be right");
        }

        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var limit)
            ? (new Bar(text, metric, comparison, limit), null)
            : (null, $"'{number}' is no number; a count or milliseconds, zero or more, would be right");
    }
}

/// <summary>One bar as read.</summary>
/// <param name="Text">As the scenario file writes it.</param>
/// <param name="Metric">What is measured; the name of a named bar, whose metric is the number of breaches.</param>
/// <param name="Comparison">One of = &lt;= &gt;= &lt; &gt;.</param>
/// <param name="Limit">What it is compared with.</param>
internal sealed record Bar(string Text, string Metric, string Comparison, double Limit)
{
    /// <summary>Whether a value meets it.</summary>
    public bool Holds(double value) => Comparison switch
    {
        "=" => value == Limit,
        "<=" => value <= Limit,
        ">=" => value >= Limit,
        "<" => value < Limit,
        _ => value > Limit,
    };
}
