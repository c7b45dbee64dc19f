using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Checking;

/// <summary>What the checker found.</summary>
internal sealed record Findings(RecordCounts Counts, IReadOnlyList<Anomaly> Anomalies);

/// <summary>
/// Compares what the applications were told with what the clusters hold. Pure: evidence in, findings out.
/// What could not be observed is said (<see cref="AnomalyKinds.Undecided"/>), never taken for good.
/// </summary>
internal static class Checker
{
    public static Findings Check(DrillEvidence evidence) => Check(new CheckContext(evidence));

    public static Findings Check(CheckContext context)
    {
        List<Anomaly> anomalies =
        [
            .. Undecided(context.Evidence),
            .. FateCheck.Run(context),
            .. FateCheck.Stranded(context),
            .. DeliveryCheck.Run(context),
            .. PlaceCheck.Unmirrored(context),
            .. PlaceCheck.Duplicated(context),
            .. PlaceCheck.Strangers(context),
            .. OrderCheck.Run(context),
            .. WriteOracle.Run(context),
            .. TransactionOracle.Run(context),
            .. context.Applications.Defects,
        ];
        return new Findings(Count(context, anomalies), anomalies);
    }

    private static IEnumerable<Anomaly> Undecided(DrillEvidence evidence)
    {
        foreach (var cluster in evidence.Facts.Clusters.Where(cluster => !Read(cluster, SnapshotMoment.Settled)))
        {
            yield return Missing(cluster, $"{cluster} was not read whole once settled: what it holds, and so what is lost, is not known");
        }

        if (evidence.Facts.LostCluster is { } lost)
        {
            foreach (var cluster in evidence.Facts.Clusters.Where(cluster => cluster != lost && !Read(cluster, SnapshotMoment.Disaster)))
            {
                yield return Missing(cluster, $"{cluster} was not read whole while {lost} was away: what was stranded is not known");
            }
        }

        bool Read(string cluster, SnapshotMoment moment) => evidence.Snapshots.Any(snapshot => snapshot.Cluster == cluster && snapshot.Moment == moment);

        static Anomaly Missing(string cluster, string detail) => new(AnomalyKinds.Undecided, null, cluster, null, null, null, detail);
    }

    private static RecordCounts Count(CheckContext context, List<Anomaly> anomalies)
    {
        var sent = context.Applications.Sent.Values;
        var unknown = sent.Where(record => record.Outcome == Outcome.Unknown).ToList();
        var unknownFound = unknown.Count(record => context.Settled.PlacesOf(record.Id).Count > 0);
        return new RecordCounts
        {
            Sent = context.Applications.Sent.Count,
            Acknowledged = sent.Count(record => record.Outcome == Outcome.Acknowledged),
            Failed = sent.Count(record => record.Outcome == Outcome.Failed),
            Unknown = unknown.Count,
            UnknownFound = unknownFound,
            SilentlyLost = unknown.Count - unknownFound,
            Stranded = Ids(AnomalyKinds.Stranded),
            Lost = Ids(AnomalyKinds.Lost),
            Skipped = Ids(AnomalyKinds.Skipped),
            Duplicated = Ids(AnomalyKinds.DuplicatedInLog, AnomalyKinds.DuplicatedDelivery),
            DuplicatedInLog = Ids(AnomalyKinds.DuplicatedInLog),
            DuplicatedDeliveries = Ids(AnomalyKinds.DuplicatedDelivery),
            Reordered = Ids(AnomalyKinds.Reordered),
            FailedFound = Ids(AnomalyKinds.FailedFound),
            Unmirrored = Ids(AnomalyKinds.Unmirrored),
            Delivered = context.Applications.Deliveries.Select(seen => seen.Id).Distinct().Count(),
        };

        int Ids(params ReadOnlySpan<string> kinds)
        {
            var ids = new HashSet<string>(StringComparer.Ordinal);
            foreach (var anomaly in anomalies)
            {
                if (anomaly.Id is { } id && kinds.Contains(anomaly.Kind))
                {
                    ids.Add(id);
                }
            }

            return ids.Count;
        }
    }
}
