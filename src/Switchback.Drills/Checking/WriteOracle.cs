using System.Globalization;

namespace Switchback.Drills.Checking;

/// <summary>
/// What the field's oracles say of acknowledged writes, each place keyed by cluster, its epoch, topic, partition and offset, because after a failure the
/// same offset may be given again: a write that nobody ever read although later ones were (lost-write), one above all that was read (unseen), two of one producer and key
/// in the other order (non-monotonic send), and two records at one place (inconsistent-offset).
/// </summary>
internal static class WriteOracle
{
    public static IEnumerable<Anomaly> Run(CheckContext context)
    {
        var seen = new Dictionary<Place, List<(string Id, string? Client)>>();
        var read = context.Settled.Ids.Concat(context.DuringDisaster.Ids).ToHashSet(StringComparer.Ordinal);
        var highest = new Dictionary<(string Cluster, int Epoch, string Topic, int Partition), long>();
        foreach (var delivery in context.Applications.Deliveries)
        {
            read.Add(delivery.Id);
            if (Place.Of(context, context.ClusterOf(delivery), delivery.AtMs, delivery.Topic, delivery.Partition, delivery.Offset) is { } place)
            {
                Raise(place);
                Note(place, delivery.Id, delivery.Client);
            }
        }

        var acknowledged = context.Applications.Sent.Values.Where(record => record.Outcome == Outcome.Acknowledged)
            .Select(record => (Record: record, Place: Place.Of(context, context.AcknowledgingCluster(record), record.EndedMs!.Value, record.Topic, record.Partition, record.Offset)))
            .Where(write => write.Place is not null).ToList();
        foreach (var (record, place) in acknowledged)
        {
            Note(place!, record.Id, record.Client);
            if (context.Settled.At(place!.Cluster, place.Topic, place.Partition, place.Offset)?.Id == record.Id)
            {
                Raise(place);
            }
        }

        return [.. Unread(acknowledged, read, highest), .. Backwards(acknowledged), .. Inconsistent(seen)];

        void Raise(Place place) => highest[place.Log] = Math.Max(highest.GetValueOrDefault(place.Log, -1), place.Offset);

        void Note(Place place, string id, string? client)
        {
            if (!seen.TryGetValue(place, out var ids))
            {
                seen.Add(place, ids = []);
            }

            if (!ids.Exists(known => known.Id == id))
            {
                ids.Add((id, client));
            }
        }
    }

    private static IEnumerable<Anomaly> Unread(
        IEnumerable<(SentRecord Record, Place? Place)> acknowledged, HashSet<string> read, Dictionary<(string Cluster, int Epoch, string Topic, int Partition), long> highest)
    {
        foreach (var (record, place) in acknowledged.Where(write => !read.Contains(write.Record.Id)))
        {
            var top = highest.GetValueOrDefault(place!.Log, -1);
            yield return place.Offset <= top
                ? place.Anomaly(AnomalyKinds.LostWrite, record.Id, $"acknowledged, and read by nobody, while {top} of the same partition was read", record.Client)
                : place.Anomaly(AnomalyKinds.Unseen, record.Id, $"acknowledged, and read by nobody; the highest offset that was read there is {(top < 0 ? "none" : top.ToString(CultureInfo.InvariantCulture))}", record.Client);
        }
    }

    private static IEnumerable<Anomaly> Backwards(IEnumerable<(SentRecord Record, Place? Place)> acknowledged)
    {
        var last = new Dictionary<(string Pod, string? Key, (string, int, string, int) Log), Place>();
        foreach (var (record, place) in acknowledged.Where(write => write.Record.Key is not null).OrderBy(write => write.Record.Order))
        {
            var sender = (record.Pod, record.Key, place!.Log);
            if (last.TryGetValue(sender, out var before) && place.Offset < before.Offset)
            {
                yield return place.Anomaly(AnomalyKinds.NonMonotonicSend, record.Id, $"sent after the record at {before.Offset}, of the same producer and key, and acknowledged before it", record.Client);
            }

            last[sender] = place;
        }
    }

    private static IEnumerable<Anomaly> Inconsistent(Dictionary<Place, List<(string Id, string? Client)>> seen) =>
        seen.Where(place => place.Value.Count > 1)
            .Select(place => place.Key.Anomaly(
                AnomalyKinds.InconsistentOffset, place.Value[^1].Id, $"{string.Join(" and ", place.Value.Select(one => one.Id))} were both said to be here", place.Value[^1].Client));

    private sealed record Place(string Cluster, int Epoch, string Topic, int Partition, long Offset)
    {
        public (string Cluster, int Epoch, string Topic, int Partition) Log => (Cluster, Epoch, Topic, Partition);

        /// <summary>Null where the place was not told.</summary>
        public static Place? Of(CheckContext context, string? cluster, double atMs, string? topic, int? partition, long? offset) =>
            cluster is null || topic is null || partition is null || offset is null or < 0
                ? null
                : new Place(cluster, context.EpochOf(cluster, atMs), topic, partition.Value, offset.Value);

        public Anomaly Anomaly(string kind, string id, string detail, string? client) => new(kind, id, Cluster, Topic, Partition, Offset, detail, client);
    }
}
