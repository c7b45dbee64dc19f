using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Verdicts;

/// <summary>The numbers a bar can be about.</summary>
internal static class Metrics
{
    private static readonly Dictionary<string, Func<RecordCounts, double>> Counts = new(StringComparer.Ordinal)
    {
        ["sent"] = counts => counts.Sent,
        ["acknowledged"] = counts => counts.Acknowledged,
        ["failed"] = counts => counts.Failed,
        ["unknown"] = counts => counts.Unknown,
        ["unknownFound"] = counts => counts.UnknownFound,
        ["stranded"] = counts => counts.Stranded,
        ["lost"] = counts => counts.Lost,
        ["skipped"] = counts => counts.Skipped,
        ["duplicated"] = counts => counts.Duplicated,
        ["reordered"] = counts => counts.Reordered,
        ["silentlyLost"] = counts => counts.SilentlyLost,
        ["failedFound"] = counts => counts.FailedFound,
        ["unmirrored"] = counts => counts.Unmirrored,
        ["duplicatedInLog"] = counts => counts.DuplicatedInLog,
        ["duplicatedDeliveries"] = counts => counts.DuplicatedDeliveries,
        ["delivered"] = counts => counts.Delivered,
    };

    private static readonly string[] Outages = ["outage", $"outage.{PhaseNames.Failover}", $"outage.{PhaseNames.Failback}"];

    /// <summary>Anomaly kinds that are no record count of their own.</summary>
    private static readonly string[] Kinds =
    [
        AnomalyKinds.Misplaced, AnomalyKinds.Reassigned, AnomalyKinds.Rewound, AnomalyKinds.Reread, AnomalyKinds.Unaccounted, AnomalyKinds.LostWrite,
        AnomalyKinds.Unseen, AnomalyKinds.PollSkip, AnomalyKinds.NonMonotonicSend, AnomalyKinds.InconsistentOffset, AnomalyKinds.AbortedRead, AnomalyKinds.PrecommittedRead,
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Counts.Keys, .. Outages, .. Kinds];

    /// <summary>A bar's value in a drill, and what breaches it where it is one that lists them.</summary>
    public static (double Value, string? Detail) Measure(
        string metric, RecordCounts counts, IReadOnlyList<ClientVerdict> clients, IReadOnlyList<Anomaly> anomalies, IReadOnlyList<RolloutFact> rollouts)
    {
        if (Counts.TryGetValue(metric, out var count))
        {
            return (count(counts), null);
        }

        switch (metric)
        {
            case Bars.EveryClientMadeProgress:
                return Breaches(anomalies.Where(anomaly => anomaly.Kind == AnomalyKinds.NoProgress).Select(anomaly => anomaly.Detail));
            case Bars.OneRolloutPerChange:
                return Breaches(rollouts.Where(rollout => rollout.Observed != rollout.Expected)
                    .Select(rollout => $"{rollout.Workload}: {rollout.Observed} after {rollout.Change}, {rollout.Expected} expected"));
            case "outage":
                return Longest(clients, null);
            default:
                return metric.StartsWith("outage.", StringComparison.Ordinal)
                    ? Longest(clients, metric["outage.".Length..])
                    : (anomalies.Count(anomaly => anomaly.Kind == metric), null);
        }
    }

    private static (double Value, string? Detail) Longest(IReadOnlyList<ClientVerdict> clients, string? phase)
    {
        var outages = clients.SelectMany(client => client.Outages.Where(outage => phase is null || outage.Phase == phase).Select(outage => (client.Name, Outage: outage))).ToList();
        if (outages.Count == 0)
        {
            return (0, null);
        }

        // One that never ended is longer than any number.
        var (name, longest) = outages.MaxBy(Length);
        return (Length((name, longest)), $"{name}{(longest.Recovered ? "" : " never came back")}");

        static double Length((string Name, Outage Outage) outage) => outage.Outage.Recovered ? outage.Outage.OutageMs : double.PositiveInfinity;
    }

    private static (double Value, string? Detail) Breaches(IEnumerable<string> breaches)
    {
        var list = breaches.ToList();
        return (list.Count, list.Count == 0 ? null : string.Join("; ", list));
    }
}
