using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>What every check looks at: the applications' view, the clusters' view, and how the two are connected.</summary>
internal sealed class CheckContext
{
    private readonly Dictionary<string, string> _podClusters;

    public CheckContext(DrillEvidence evidence)
    {
        Evidence = evidence;
        Topology = new Topology(evidence.Facts);
        Applications = ApplicationsView.Of(evidence);
        Settled = new ClustersView(evidence.Settled);
        DuringDisaster = new ClustersView(evidence.DuringDisaster);
        _podClusters = PodClusters();
    }

    public DrillEvidence Evidence { get; }

    public DrillFacts Facts => Evidence.Facts;

    public Topology Topology { get; }

    public ApplicationsView Applications { get; }

    public ClustersView Settled { get; }

    public ClustersView DuringDisaster { get; }

    /// <summary>The cluster that acknowledged a record: the one that holds it at the place told, or else the one its pod was configured for.</summary>
    public string? AcknowledgingCluster(SentRecord record) =>
        FoundAt(record.Id, record.Topic, record.Partition, record.Offset) ?? _podClusters.GetValueOrDefault(record.Pod);

    /// <summary>The cluster an acknowledgement or delivery came from; null where that cannot be told.</summary>
    public string? ClusterOf(Observation seen) =>
        FoundAt(seen.Id, seen.Topic, seen.Partition, seen.Offset >= 0 ? seen.Offset : null) ?? _podClusters.GetValueOrDefault(seen.Pod);

    /// <summary>The clusters an application was connected to at any time; all of them where none is known.</summary>
    public IReadOnlyCollection<string> ClustersOf(IReadOnlySet<string> clients)
    {
        HashSet<string> found =
        [
            .. Evidence.Pods.Where(pod => clients.Contains(pod.Client) && pod.Cluster is not null).Select(pod => pod.Cluster!),
            .. Applications.Deliveries.Where(seen => clients.Contains(seen.Client)).Select(ClusterOf).OfType<string>(),
        ];
        return found.Count > 0 ? found : Facts.Clusters.ToHashSet();
    }

    /// <summary>The cluster that a pod was connected to; null where that cannot be told.</summary>
    public string? ClusterOf(string pod) => _podClusters.GetValueOrDefault(pod);

    /// <summary>How often a cluster has come back by then: what an offset means holds from one time to the next.</summary>
    public int EpochOf(string? cluster, double atMs) =>
        Evidence.Steps.Count(step => step.Kind == StepKind.Recovery && step.Cluster == cluster && step.StartedMs <= atMs);

    private string? FoundAt(string id, string? topic, int? partition, long? offset) =>
        partition is null || offset is null
            ? null
            : Settled.PlacesOf(id).FirstOrDefault(place => place.Topic == topic && place.Partition == partition && place.Offset == offset)?.Cluster;

    private Dictionary<string, string> PodClusters()
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);

        // Where the runner did not say, the places of the pod's own acknowledgements and deliveries do.
        var places = Applications.Sent.Values.Where(record => record.Outcome == Outcome.Acknowledged)
            .Select(record => (record.Pod, Cluster: FoundAt(record.Id, record.Topic, record.Partition, record.Offset)))
            .Concat(Applications.Deliveries.Select(seen => (seen.Pod, Cluster: FoundAt(seen.Id, seen.Topic, seen.Partition, seen.Offset))));
        foreach (var pod in places.Where(place => place.Cluster is not null).GroupBy(place => place.Pod))
        {
            known[pod.Key] = pod.GroupBy(place => place.Cluster!).MaxBy(votes => votes.Count())!.Key;
        }

        foreach (var pod in Evidence.Pods.Where(pod => pod.Cluster is not null))
        {
            known[pod.Pod] = pod.Cluster!;
        }

        return known;
    }
}
