namespace Switchback.Drills.Checking;

/// <summary>Whether the clusters hold each record where it belongs, once: mirrored everywhere, duplicated and misplaced nowhere.</summary>
internal static class PlaceCheck
{
    public static IEnumerable<Anomaly> Unmirrored(CheckContext context)
    {
        // A cluster that is not there any more is owed nothing.
        foreach (var link in context.Topology.Links.Where(link => !context.Evidence.Snapshots.Any(snapshot => snapshot.Destroyed && snapshot.Cluster == link.Target)))
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var source in context.Settled.Records.Where(record => record.Cluster == link.Source && link.Topics.Contains(record.Topic)))
            {
                var copy = link.Prefix + source.Topic;
                if (source.Id is { } id && seen.Add(id)
                    && !context.Settled.PlacesOf(id).Any(place => place.Cluster == link.Target && place.Topic == copy))
                {
                    yield return new Anomaly(AnomalyKinds.Unmirrored, id, source.Cluster, source.Topic, source.Partition, source.Offset,
                        $"{link.Name} did not bring it to {copy} on {link.Target}", Sender(context, id));
                }
            }
        }
    }

    public static IEnumerable<Anomaly> Duplicated(CheckContext context)
    {
        foreach (var id in context.Settled.Ids.Where(id => context.Settled.PlacesOf(id).Count > 1))
        {
            // All clusters' topics of the origin's name are one topic here: a record resent to the other side is a duplicate too.
            var topics = context.Settled.PlacesOf(id).GroupBy(place => context.Topology.IsOrigin(place.Topic) ? (null, place.Topic) : (place.Cluster, place.Topic));
            foreach (var places in topics.Where(places => places.Count() > 1))
            {
                var extra = places.OrderBy(place => place.TimestampMs).ThenBy(place => place.Offset).Last();
                var where = string.Join(", ", places.Select(place => $"{place.Cluster} {place.Topic}-{place.Partition}@{place.Offset}"));
                yield return new Anomaly(AnomalyKinds.DuplicatedInLog, id, extra.Cluster, extra.Topic, extra.Partition, extra.Offset,
                    $"{places.Count()} times in {(places.Key.Item1 is null ? "its own topic" : "the mirror's copy")}: {where}", Sender(context, id));
            }
        }
    }

    public static IEnumerable<Anomaly> Strangers(CheckContext context)
    {
        foreach (var id in context.Settled.Ids)
        {
            var places = context.Settled.PlacesOf(id);
            if (!context.Applications.Sent.TryGetValue(id, out var record))
            {
                var first = places[0];
                yield return new Anomaly(AnomalyKinds.Unaccounted, id, first.Cluster, first.Topic, first.Partition, first.Offset,
                    "in a cluster, and no application said that it sent it");
                continue;
            }

            foreach (var place in places.Where(place => !context.Topology.Belongs(place, record.Topic)))
            {
                yield return new Anomaly(AnomalyKinds.Misplaced, id, place.Cluster, place.Topic, place.Partition, place.Offset,
                    $"sent to {record.Topic}; this topic is neither that nor a link's copy of it", record.Client);
            }
        }
    }

    private static string? Sender(CheckContext context, string id) => context.Applications.Sent.GetValueOrDefault(id)?.Client;
}
