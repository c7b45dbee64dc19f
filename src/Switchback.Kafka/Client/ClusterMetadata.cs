using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Client;

/// <summary>A broker as the cluster announces it.</summary>
/// <param name="Id">Node id.</param>
/// <param name="Endpoint">Address for clients.</param>
/// <param name="Rack">Rack, or null.</param>
public sealed record BrokerMetadata(int Id, KafkaEndpoint Endpoint, string? Rack);

/// <summary>A partition as the cluster describes it.</summary>
/// <param name="Index">Index, from 0.</param>
/// <param name="Error">Why it cannot be used now, or None.</param>
/// <param name="LeaderId">Node id of the leader, or -1.</param>
/// <param name="LeaderEpoch">The leader's epoch, or -1.</param>
/// <param name="Replicas">Node ids of the replicas.</param>
/// <param name="InSyncReplicas">Node ids of the replicas in sync.</param>
public sealed record PartitionMetadata(
    int Index, KafkaError Error, int LeaderId, int LeaderEpoch, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSyncReplicas);

/// <summary>A topic as the cluster describes it.</summary>
/// <param name="Name">Name.</param>
/// <param name="Id">Topic id (KIP-516), or empty where the broker has none.</param>
/// <param name="IsInternal">Whether it is the cluster's own.</param>
/// <param name="Partitions">The partitions, by index.</param>
public sealed record TopicMetadata(string Name, Guid Id, bool IsInternal, IReadOnlyList<PartitionMetadata> Partitions);

/// <summary>An immutable picture of a cluster: brokers and the topics asked for.</summary>
public sealed class ClusterMetadata
{
    private readonly Dictionary<Guid, TopicMetadata> _byId;

    private ClusterMetadata(
        string? clusterId, int controllerId, Dictionary<int, BrokerMetadata> brokers, Dictionary<string, TopicMetadata> topics)
    {
        ClusterId = clusterId;
        ControllerId = controllerId;
        Brokers = brokers;
        Topics = topics;
        _byId = topics.Values.Where(topic => topic.Id != Guid.Empty).DistinctBy(topic => topic.Id).ToDictionary(topic => topic.Id);
    }

    /// <summary>Nothing known.</summary>
    public static ClusterMetadata Empty { get; } = new(null, -1, [], []);

    /// <summary>The cluster's id, or null.</summary>
    public string? ClusterId { get; }

    /// <summary>Node id of the broker that takes controller requests, or -1.</summary>
    public int ControllerId { get; }

    /// <summary>Brokers by node id.</summary>
    public IReadOnlyDictionary<int, BrokerMetadata> Brokers { get; }

    /// <summary>Topics by name: those asked for that exist.</summary>
    public IReadOnlyDictionary<string, TopicMetadata> Topics { get; }

    /// <summary>The topic of an id, or null.</summary>
    public TopicMetadata? FindTopic(Guid id) => _byId.GetValueOrDefault(id);

    /// <summary>The partition, or null when topic or partition are not known.</summary>
    public PartitionMetadata? FindPartition(TopicPartition partition) =>
        Topics.TryGetValue(partition.Topic, out var topic) && (uint)partition.Partition < (uint)topic.Partitions.Count
            ? topic.Partitions[partition.Partition]
            : null;

    /// <summary>This picture with a response's news: its brokers replace ours, its topics are merged, or replace ours when it was asked for all.</summary>
    internal ClusterMetadata With(MetadataResponse response, bool allTopics)
    {
        var topics = new Dictionary<string, TopicMetadata>();
        if (!allTopics)
        {
            foreach (var (name, topic) in Topics)
                topics[name] = topic;
        }

        foreach (var topic in response.Topics)
        {
            if (string.IsNullOrEmpty(topic.Name))
                continue;
            if (topic.ErrorCode == KafkaError.None)
                topics[topic.Name] = Describe(topic.Name, topic);
            else
                topics.Remove(topic.Name);
        }

        var brokers = response.Brokers.DistinctBy(b => b.NodeId)
            .ToDictionary(b => b.NodeId, b => new BrokerMetadata(b.NodeId, new KafkaEndpoint(b.Host, b.Port), b.Rack));
        return new ClusterMetadata(response.ClusterId, response.ControllerId, brokers, topics);
    }

    private static TopicMetadata Describe(string name, MetadataResponse.MetadataResponseTopic topic) => new(
        name,
        topic.TopicId,
        topic.IsInternal,
        [.. topic.Partitions.OrderBy(p => p.PartitionIndex)
            .Select(p => new PartitionMetadata(p.PartitionIndex, p.ErrorCode, p.LeaderId, p.LeaderEpoch, p.ReplicaNodes, p.IsrNodes))]);
}
