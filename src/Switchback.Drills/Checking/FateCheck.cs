using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>What became of each record sent: lost, stranded, unknown, found although it failed, or its place given to another.</summary>
internal static class FateCheck
{
    public static IEnumerable<Anomaly> Run(CheckContext context) =>
        context.Applications.Sent.Values.OrderBy(record => record.SentMs).SelectMany(record => record.Outcome switch
        {
            Outcome.Acknowledged => Acknowledged(context, record),
            Outcome.Failed => Failed(context, record),
            _ => Unknown(context, record),
        });

    /// <summary>
    /// Acknowledged records that the lost cluster took with it for as long as it was away: those it had acknowledged, and that the surviving
    /// clusters did not hold when they were read during the disaster.
    /// </summary>
    public static IEnumerable<Anomaly> Stranded(CheckContext context)
    {
        var readings = context.Evidence.Snapshots.Where(snapshot => snapshot.Moment == SnapshotMoment.Disaster).ToList();
        if (context.Facts.LostCluster is not { } lost || readings.Count == 0)
        {
            yield break;
        }

        var read = readings.Min(snapshot => snapshot.StartedMs);
        foreach (var record in context.Applications.Sent.Values.OrderBy(record => record.SentMs))
        {
            if (record.Outcome == Outcome.Acknowledged
                && record.EndedMs <= read
                && context.AcknowledgingCluster(record) == lost
                && !context.DuringDisaster.PlacesOf(record.Id).Any(place => context.Topology.Belongs(place, record.Topic)))
            {
                yield return Of(AnomalyKinds.Stranded, record, lost, record.Partition, record.Offset,
                    $"acknowledged by {lost} at {Seconds(record.EndedMs)} and not readable on the surviving side while {lost} was away");
            }
        }
    }

    private static IEnumerable<Anomaly> Acknowledged(CheckContext context, SentRecord record)
    {
        var places = context.Settled.PlacesOf(record.Id);
        var cluster = context.AcknowledgingCluster(record);
        var heir = places.Any(place => place.Topic == record.Topic && place.Partition == record.Partition && place.Offset == record.Offset)
            || cluster is null || record.Partition is null || record.Offset is null
                ? null
                : context.Settled.At(cluster, record.Topic, record.Partition.Value, record.Offset.Value);

        if (!places.Any(place => context.Topology.Belongs(place, record.Topic)))
        {
            yield return Of(AnomalyKinds.Lost, record, cluster, record.Partition, record.Offset,
                $"acknowledged at {Seconds(record.EndedMs)}, readable neither in {record.Topic} on any cluster nor in a mirror's copy of it");
        }

        if (heir is not null && heir.Id != record.Id)
        {
            yield return Of(AnomalyKinds.Reassigned, record, cluster, record.Partition, record.Offset,
                $"the place it was acknowledged at holds {heir.Id ?? "a record without an id"} now: the log was cut back and written anew");
        }
    }

    private static IEnumerable<Anomaly> Failed(CheckContext context, SentRecord record)
    {
        if (context.Settled.PlacesOf(record.Id) is [var place, ..])
        {
            yield return new Anomaly(AnomalyKinds.FailedFound, record.Id, place.Cluster, place.Topic, place.Partition, place.Offset,
                $"{record.Client} was told that it failed ({record.Error ?? "no reason given"}), and it is there", record.Client);
        }
    }

    private static IEnumerable<Anomaly> Unknown(CheckContext context, SentRecord record)
    {
        yield return context.Settled.PlacesOf(record.Id) is not [var place, ..]
            ? Of(AnomalyKinds.Unknown, record, null, null, null, $"sent at {Seconds(record.SentMs)} by {record.Pod}, never heard of again, found in no cluster")
            : new Anomaly(AnomalyKinds.Unknown, record.Id, place.Cluster, place.Topic, place.Partition, place.Offset,
                $"sent at {Seconds(record.SentMs)} by {record.Pod}, which never heard of it; it was stored all the same", record.Client);
    }

    private static Anomaly Of(string kind, SentRecord record, string? cluster, int? partition, long? offset, string detail) =>
        new(kind, record.Id, cluster, record.Topic, partition, offset, detail, record.Client);

    private static string Seconds(double? ms) => FormattableString.Invariant($"{ms / 1000:0.000} s");
}
