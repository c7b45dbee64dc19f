using System.Text.Json;
using System.Text.Json.Serialization;

namespace Switchback.Drills.Load;

/// <summary>How a load test went. Times are milliseconds.</summary>
public sealed record LoadSummary
{
    /// <summary>What was posted to.</summary>
    public required string Url { get; init; }

    /// <summary>How many users posted at a time.</summary>
    public required int Users { get; init; }

    /// <summary>When it began, in UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>How long it took.</summary>
    public required double DurationMs { get; init; }

    /// <summary>How many requests were asked for.</summary>
    public required int Asked { get; init; }

    /// <summary>How many ended: fewer than asked for where the test was cut short.</summary>
    public required int Requests { get; init; }

    /// <summary>How many of them were not answered with a status of success.</summary>
    public required int Failures { get; init; }

    /// <summary>Ended requests a second.</summary>
    public required double PerSecond { get; init; }

    /// <summary>From a request's start to its whole answer, of the answered ones.</summary>
    public required LatencySummary LatencyMs { get; init; }

    /// <summary>How often each status or error came, most frequent first.</summary>
    public required IReadOnlyList<OutcomeCount> Outcomes { get; init; }

    /// <summary>Every request that ended.</summary>
    [JsonIgnore]
    internal IReadOnlyList<LoadSample> Samples { get; init; } = [];

    /// <summary>The summary as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, LoadJson.Default.LoadSummary);

    internal static LoadSummary Of(LoadTestOptions options, DateTime started, TimeSpan took, IReadOnlyList<LoadSample> samples) => new()
    {
        Url = options.Url.ToString(),
        Users = options.Users,
        Started = started,
        DurationMs = Math.Round(took.TotalMilliseconds, 1),
        Asked = options.Requests,
        Requests = samples.Count,
        Failures = samples.Count(sample => !sample.Succeeded),
        PerSecond = took > TimeSpan.Zero ? Math.Round(samples.Count / took.TotalSeconds, 1) : 0,
        LatencyMs = LatencySummary.Of([.. samples.Where(sample => sample.Status > 0).Select(sample => sample.TookMs).Order()]),
        Outcomes =
        [
            .. samples.GroupBy(sample => sample.Status > 0 ? FormattableString.Invariant($"{sample.Status}") : sample.Error ?? "no answer")
                .Select(outcome => new OutcomeCount(outcome.Key, outcome.Count(), outcome.First().Succeeded))
                .OrderByDescending(outcome => outcome.Count),
        ],
        Samples = samples,
    };
}

/// <summary>How requests ended.</summary>
/// <param name="Outcome">The HTTP status, or the reason there was no answer.</param>
/// <param name="Count">How many.</param>
/// <param name="Success">Whether that counts as a success.</param>
public sealed record OutcomeCount(string Outcome, int Count, bool Success);

/// <summary>Latency percentiles in milliseconds; all 0 where nothing was answered.</summary>
/// <param name="Min">The shortest.</param>
/// <param name="P50">Half of the requests took no longer.</param>
/// <param name="P90">90 % took no longer.</param>
/// <param name="P99">99 % took no longer.</param>
/// <param name="Max">The longest.</param>
/// <param name="Mean">The arithmetic mean.</param>
public sealed record LatencySummary(double Min, double P50, double P90, double P99, double Max, double Mean)
{
    /// <param name="sorted">Latencies, ascending.</param>
    internal static LatencySummary Of(IReadOnlyList<double> sorted) => sorted.Count == 0
        ? new LatencySummary(0, 0, 0, 0, 0, 0)
        : new LatencySummary(At(sorted, 0), At(sorted, 0.5), At(sorted, 0.9), At(sorted, 0.99), At(sorted, 1), Math.Round(sorted.Average(), 3));

    /// <summary>Nearest rank: the smallest value that at least this share of all does not exceed.</summary>
    private static double At(IReadOnlyList<double> sorted, double share) =>
        Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)], 3);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(LoadSummary))]
internal sealed partial class LoadJson : JsonSerializerContext;
