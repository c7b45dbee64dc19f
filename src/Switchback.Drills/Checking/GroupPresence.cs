using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>When a group took up its partitions on a cluster: from then on its place there is its own members' alone.</summary>
internal sealed class GroupPresence
{
    private readonly ILookup<string, double> _assignedByPod;
    private readonly Dictionary<string, double> _startedByPod;
    private readonly Dictionary<string, List<double>> _signsByCluster;

    public GroupPresence(CheckContext context, IReadOnlySet<string> members)
    {
        var applications = context.Applications;
        var assigned = applications.Rebalances.Where(seen => members.Contains(seen.Client) && seen.Id == "assigned").ToList();
        _assignedByPod = assigned.ToLookup(seen => seen.Pod, seen => seen.AtMs);

        // Of a pod that does not tell of its rebalances its start is the earliest it can have been.
        var silent = context.Evidence.Pods.Where(pod => members.Contains(pod.Client) && !_assignedByPod.Contains(pod.Pod)).ToList();
        _startedByPod = silent.GroupBy(pod => pod.Pod).ToDictionary(pod => pod.Key, pod => pod.Min(one => one.StartedMs));
        var signs = applications.Deliveries.Concat(applications.Commits).Where(seen => members.Contains(seen.Client)).Concat(assigned)
            .Select(seen => (Cluster: context.ClusterOf(seen), seen.AtMs))
            .Concat(silent.Select(pod => (Cluster: context.ClusterOf(pod.Pod), AtMs: pod.StartedMs)));
        _signsByCluster = signs.Where(sign => sign.Cluster is not null).GroupBy(sign => sign.Cluster!)
            .ToDictionary(cluster => cluster.Key, cluster => cluster.Select(sign => sign.AtMs).Order().ToList());
    }

    /// <summary>The group's first sign of life on a cluster after a moment, at the latest the delivery that is asked about.</summary>
    public double TakenUpOn(string cluster, double afterMs, Observation delivery)
    {
        var signs = _signsByCluster[cluster];
        var at = signs.BinarySearch(afterMs);
        at = at < 0 ? ~at : at;
        return Math.Min(delivery.AtMs, at < signs.Count ? signs[at] : delivery.AtMs);
    }

    /// <summary>When the pod of a delivery was last given its partitions before it.</summary>
    public double TakenUpBy(Observation delivery) =>
        _assignedByPod[delivery.Pod].Where(at => at <= delivery.AtMs).DefaultIfEmpty(_startedByPod.GetValueOrDefault(delivery.Pod, double.NegativeInfinity)).Max();
}
