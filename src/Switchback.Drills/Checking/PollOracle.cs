using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>
/// Whether one consumer was delivered the records of a partition one after the other: none passed over that was there (poll-skip), none again (a non-monotonic
/// poll, here <c>rewound</c>). A rebalance between two deliveries allows both, because the place to begin at is found anew; so does a cluster that was away, because
/// its offsets may have been given to others. Where an application does not tell of its rebalances, each other pod of its group about may have brought one.
/// </summary>
internal static class PollOracle
{
    /// <summary>How long after a pod has gone its group may still be given anew: the default session timeout, and some.</summary>
    private const double LongestSessionMs = 60_000;

    public static IEnumerable<Anomaly> Run(CheckContext context, IReadOnlySet<string> members)
    {
        var places = context.Settled.Partitions().ToDictionary(partition => partition.Key, partition => partition.ToList());
        var deliveries = context.Applications.Deliveries.Where(seen => members.Contains(seen.Client) && seen is { Offset: not null, Topic: not null, Partition: not null });
        var pods = context.Evidence.Pods.Where(pod => members.Contains(pod.Client)).ToList();
        foreach (var pod in deliveries.GroupBy(seen => seen.Pod))
        {
            var rebalances = context.Applications.Rebalances.Where(seen => seen.Pod == pod.Key).Select(seen => seen.AtMs).ToList();
            var before = new Dictionary<(string? Cluster, int Epoch, string Topic, int Partition), Observation>();
            foreach (var seen in pod)
            {
                var cluster = context.ClusterOf(seen);
                var log = (cluster, context.EpochOf(cluster, seen.AtMs), seen.Topic!, seen.Partition!.Value);
                if (before.TryGetValue(log, out var last) && !Rebalanced(last.AtMs, seen.AtMs))
                {
                    foreach (var anomaly in Compare(context, last, seen, cluster, places))
                    {
                        yield return anomaly;
                    }
                }

                before[log] = seen;
            }

            bool Rebalanced(double from, double to) => rebalances.Count > 0
                ? rebalances.Exists(at => at >= from && at <= to)
                : pods.Exists(other => other.Pod != pod.Key && other.StartedMs <= to && (other.EndedMs ?? double.PositiveInfinity) >= from - LongestSessionMs);
        }
    }

    private static IEnumerable<Anomaly> Compare(
        CheckContext context, Observation last, Observation seen, string? cluster, Dictionary<(string Cluster, string Topic, int Partition), List<ClusterRecord>> places)
    {
        if (seen.Offset <= last.Offset)
        {
            yield return new Anomaly(AnomalyKinds.Rewound, seen.Id, cluster, seen.Topic, seen.Partition, seen.Offset,
                $"{seen.Pod} went back to this offset after {last.Offset}, without a rebalance", seen.Client);
            yield break;
        }

        if (cluster is null || seen.Offset == last.Offset + 1 || !places.TryGetValue((cluster, seen.Topic!, seen.Partition!.Value), out var log))
        {
            yield break;
        }

        // What is at these offsets now was there then, unless it was sent later: a log that was cut back gives its offsets again.
        foreach (var place in Between(log, last.Offset!.Value, seen.Offset!.Value)
            .Where(place => place.Id is { } id && context.Applications.Sent.TryGetValue(id, out var record) && record.SentMs < seen.AtMs))
        {
            yield return new Anomaly(AnomalyKinds.PollSkip, place.Id, cluster, place.Topic, place.Partition, place.Offset,
                $"{seen.Pod} was delivered {seen.Offset} after {last.Offset} without this one between, and without a rebalance", seen.Client);
        }
    }

    private static IEnumerable<ClusterRecord> Between(List<ClusterRecord> log, long after, long before)
    {
        int low = 0, high = log.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = log[middle].Offset <= after ? (middle + 1, high) : (low, middle);
        }

        return log.Skip(low).TakeWhile(place => place.Offset < before);
    }
}
