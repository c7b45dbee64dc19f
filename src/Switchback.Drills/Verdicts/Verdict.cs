using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Verdicts;

/// <summary>
/// A drill's answer, as <c>verdict.json</c> writes it. Property order is the file's order: first the contract's keys, then what was added.
/// Times are milliseconds since the drill began.
/// </summary>
internal sealed record Verdict
{
    public required string Scenario { get; init; }

    public required string Kafka { get; init; }

    public required string Kubernetes { get; init; }

    public required string Network { get; init; }

    public required string Fault { get; init; }

    public required int Seed { get; init; }

    /// <summary>Whether every bar holds and nothing was left undecided.</summary>
    public required bool Holds { get; init; }

    /// <summary>The drill's beginning, in UTC.</summary>
    public required DateTime Started { get; init; }

    public required double DurationMs { get; init; }

    public required IReadOnlyList<PhaseFact> Phases { get; init; }

    public required RecordCounts Records { get; init; }

    public required IReadOnlyList<ClientVerdict> Clients { get; init; }

    public required IReadOnlyList<BarVerdict> Bars { get; init; }

    public required IReadOnlyList<Anomaly> Anomalies { get; init; }

    /// <summary>The verdict in one sentence.</summary>
    public required string Sentence { get; init; }

    /// <summary>What was done, when, and how a person would do it.</summary>
    public required IReadOnlyList<StepFact> Steps { get; init; }

    public required IReadOnlyList<RolloutFact> Rollouts { get; init; }

    /// <summary>What the proxy of each pod counted, as it was last asked.</summary>
    public required IReadOnlyList<ProxyVerdict> Proxies { get; init; }
}

/// <summary>The proxy of one pod by its own metrics.</summary>
/// <param name="Client">The application whose sidecar it is.</param>
/// <param name="Pod">The pod.</param>
/// <param name="Cluster">The cluster its configuration named.</param>
/// <param name="FromMs">When it was first asked.</param>
/// <param name="ToMs">When it was last asked.</param>
/// <param name="Connections">Client connections.</param>
/// <param name="Errors">Those that ended by an error.</param>
/// <param name="Requests">Requests.</param>
/// <param name="RequestBytes">Their bytes.</param>
/// <param name="ResponseBytes">Bytes of responses.</param>
/// <param name="UpstreamAway">The times in which it said that it reached no broker, to within the second between two questions.</param>
internal sealed record ProxyVerdict(
    string Client, string Pod, string? Cluster, double FromMs, double ToMs, long Connections, long Errors, long Requests, long RequestBytes, long ResponseBytes,
    IReadOnlyList<TimeRange> UpstreamAway)
{
    /// <summary>Each pod's proxy, in the order in which they were first seen.</summary>
    public static IReadOnlyList<ProxyVerdict> Of(DrillEvidence evidence) =>
    [
        .. evidence.Proxies.GroupBy(sample => sample.Pod).Select(pod => pod.OrderBy(sample => sample.AtMs).ToList()).Select(samples => new ProxyVerdict(
            samples[0].Client,
            samples[0].Pod,
            evidence.Pods.FirstOrDefault(pod => pod.Pod == samples[0].Pod)?.Cluster,
            samples[0].AtMs,
            samples[^1].AtMs,

            // A proxy that was started again in its pod counts from nought: the most it said is the least there was.
            samples.Max(sample => sample.Connections),
            samples.Max(sample => sample.Errors),
            samples.Max(sample => sample.Requests),
            samples.Max(sample => sample.RequestBytes),
            samples.Max(sample => sample.ResponseBytes),
            [.. Away(samples)])),
    ];

    private static IEnumerable<TimeRange> Away(List<ProxySample> samples)
    {
        double? since = null;
        foreach (var sample in samples)
        {
            if (sample.Ready && since is { } from)
            {
                yield return new TimeRange(from, sample.AtMs);
            }

            since = sample.Ready ? null : since ?? sample.AtMs;
        }

        if (since is { } open)
        {
            yield return new TimeRange(open, samples[^1].AtMs);
        }
    }
}

/// <summary>From one moment to another, in milliseconds since the drill began.</summary>
internal sealed record TimeRange(double FromMs, double ToMs);

/// <summary>How many records ended how. The first ten are the contract's.</summary>
internal sealed record RecordCounts
{
    public int Sent { get; init; }

    public int Acknowledged { get; init; }

    public int Failed { get; init; }

    public int Unknown { get; init; }

    public int UnknownFound { get; init; }

    public int Stranded { get; init; }

    public int Lost { get; init; }

    public int Skipped { get; init; }

    public int Duplicated { get; init; }

    public int Reordered { get; init; }

    /// <summary>Unknown and found nowhere: what an ended client took with it, without an error anywhere.</summary>
    public int SilentlyLost { get; init; }

    /// <summary>Reported as failed, and in a cluster all the same.</summary>
    public int FailedFound { get; init; }

    /// <summary>In its own topic and, once settled, still not in the mirror's copy.</summary>
    public int Unmirrored { get; init; }

    /// <summary>Ids at more than one place of one topic.</summary>
    public int DuplicatedInLog { get; init; }

    /// <summary>Ids delivered more than once to one application.</summary>
    public int DuplicatedDeliveries { get; init; }

    /// <summary>Distinct ids delivered to any consuming application.</summary>
    public int Delivered { get; init; }
}

/// <summary>What one application went through.</summary>
internal sealed record ClientVerdict
{
    public required string Name { get; init; }

    public required ClientRole Role { get; init; }

    public required ClientRoute Through { get; init; }

    public required IReadOnlyList<Outage> Outages { get; init; }

    /// <summary>What it did in each phase.</summary>
    public required IReadOnlyList<PhaseProgress> Progress { get; init; }
}

/// <summary>A time in which an application had something to be acknowledged or delivered, and was not.</summary>
/// <param name="Phase">The procedure that ended it, or would have.</param>
/// <param name="FromMs">The last acknowledgement or delivery before.</param>
/// <param name="ToMs">The first one after; the end of observation where none came.</param>
/// <param name="OutageMs">The time between.</param>
/// <param name="Recovered">False where none came.</param>
/// <param name="Explanation">What the time went into, where it is recognised.</param>
internal sealed record Outage(string Phase, double FromMs, double ToMs, double OutageMs, bool Recovered, string? Explanation = null);

/// <summary>What one application did in one phase, by the time of its events.</summary>
internal sealed record PhaseProgress(string Phase, int Sent, int Acknowledged, int Failed, int Delivered);

/// <summary>One bar and how it was met.</summary>
/// <param name="Bar">As the scenario file writes it.</param>
/// <param name="Holds">Whether it was met.</param>
/// <param name="Value">The number it was measured by; null for an outage without an end.</param>
/// <param name="Detail">Why it was not met.</param>
internal sealed record BarVerdict(string Bar, bool Holds, double? Value, string? Detail = null);
