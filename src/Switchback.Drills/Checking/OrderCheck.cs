namespace Switchback.Drills.Checking;

/// <summary>
/// Whether acknowledged records of one producer and key are read from a partition in the order in which they were sent. One producer is one pod: what two
/// pods send has no order. Within a pod the order is that of its <c>sent</c> lines, which the ledger's format asks to be the order of handing over.
/// </summary>
internal static class OrderCheck
{
    public static IEnumerable<Anomaly> Run(CheckContext context)
    {
        foreach (var partition in context.Settled.Partitions())
        {
            var latest = new Dictionary<(string Pod, string Key), SentRecord>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var place in partition)
            {
                if (place.Id is null || !seen.Add(place.Id)
                    || !context.Applications.Sent.TryGetValue(place.Id, out var record)
                    || record.Outcome != Outcome.Acknowledged || record.Key is null || !context.Topology.Belongs(place, record.Topic))
                {
                    continue;
                }

                var before = latest.GetValueOrDefault((record.Pod, record.Key));
                if (before is null || record.Order > before.Order)
                {
                    latest[(record.Pod, record.Key)] = record;
                }
                else
                {
                    yield return new Anomaly(AnomalyKinds.Reordered, record.Id, place.Cluster, place.Topic, place.Partition, place.Offset,
                        FormattableString.Invariant($"read after {before.Id} of the same producer and key, which was sent {before.SentMs - record.SentMs:0.0} ms after it"), record.Client);
                }
            }
        }
    }
}
