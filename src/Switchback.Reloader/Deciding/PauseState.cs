using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Switchback.Kubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Deciding;

/// <summary>A Deployment that asks to be paused after a change, or is paused by us.</summary>
/// <param name="Period">How long to pause, or null when it does not ask.</param>
/// <param name="PausedAt">Since when it is paused by us, or null.</param>
/// <param name="IsPaused">Whether it is paused, by whomever.</param>
/// <param name="Error">What is wrong with the annotation, or null.</param>
internal sealed partial record PauseState(TimeSpan? Period, DateTimeOffset? PausedAt, bool IsPaused, string? Error)
{
    private static readonly PauseState None = new(null, null, false, null);

    /// <summary>When to resume, or null when there is nothing to resume. A period that was taken away ends the pause.</summary>
    public DateTimeOffset? ResumeAt => PausedAt is { } since ? since + (Period ?? TimeSpan.Zero) : null;

    public static PauseState Read(WorkloadKind kind, JsonObject workload, AnnotationKeys keys)
    {
        if (kind != WorkloadKind.Deployment)
        {
            return None;
        }

        var asked = workload.Annotation(keys.PausePeriod);
        TimeSpan? period = asked is null ? null : ParseDuration(asked);
        var error = asked is null || period is not null ? null : $"annotation {keys.PausePeriod}: \"{asked}\" is not a duration such as 90s or 5m";
        var paused = workload.Flag("spec", "paused");
        DateTimeOffset? since = null;
        if (paused && workload.Annotation(keys.PausedAt) is { Length: > 0 } at)
        {
            // A time that cannot be read must not leave the Deployment paused for ever.
            since = DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed : DateTimeOffset.MinValue;
        }

        return new PauseState(period, since, paused, error);
    }

    /// <summary>A duration as Go writes it: <c>1h30m</c>, <c>1.5s</c>, <c>300ms</c>; null when it is none.</summary>
    public static TimeSpan? ParseDuration(string text)
    {
        var match = Duration().Match(text);
        if (!match.Success)
        {
            return text == "0" ? TimeSpan.Zero : null;
        }

        var milliseconds = 0.0;
        for (var i = 0; i < match.Groups["unit"].Captures.Count; i++)
        {
            milliseconds += double.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Captures[i].Value switch
            {
                "h" => 3_600_000,
                "m" => 60_000,
                "s" => 1_000,
                "ms" => 1,
                "ns" => 0.000_001,
                _ => 0.001,
            };
        }

        return milliseconds <= TimeSpan.FromDays(365).TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;
    }

    [GeneratedRegex(@"^\+?((?<number>[0-9]{1,12}(\.[0-9]{0,9})?)(?<unit>ms|us|µs|ns|h|m|s))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
