using Switchback.Broker.Storage;
using Switchback.Kafka;

namespace Switchback.Broker.Topics;

/// <summary>Creates topics, for those who ask and for those who only use a name.</summary>
internal sealed class TopicCreation(Cluster cluster)
{
    private static readonly Dictionary<string, string> Compacted = new() { ["cleanup.policy"] = "compact", ["segment.bytes"] = "104857600" };

    /// <summary>The topic of a name a client uses, made now if that is allowed; else why not.</summary>
    public (Topic? Topic, KafkaError Error) FindOrCreate(string name, bool allowed)
    {
        if (cluster.Topics.Find(name) is { } topic)
            return (topic, KafkaError.None);
        if (TopicName.Complaint(name) is not null)
            return (null, KafkaError.InvalidTopicException);
        if (name == InternalTopics.Offsets || name == InternalTopics.Transactions)
            return (null, KafkaError.UnknownTopicOrPartition);
        if (!allowed || !cluster.Settings.AutoCreateTopics)
            return (null, KafkaError.UnknownTopicOrPartition);
        var replication = Math.Min(cluster.Settings.DefaultReplicationFactor, cluster.Brokers.Count);
        Topic? created = null;
        var stored = StorageGuard.Try(() => created = Create(name, cluster.Settings.DefaultPartitions, replication, new Dictionary<string, string>()));
        return (created, stored);
    }

    /// <summary>One of the cluster's own topics, made at its first use as Apache Kafka does.</summary>
    public Topic Internal(string name)
    {
        if (cluster.Topics.Find(name) is { } topic)
            return topic;
        var prefix = name == InternalTopics.Offsets ? "offsets.topic" : "transaction.state.log";
        var replication = Math.Min(cluster.Settings.Int(prefix + ".replication.factor"), cluster.Brokers.Count);
        return Create(name, cluster.Settings.Int(prefix + ".num.partitions"), replication, Compacted);
    }

    public Topic Create(string name, int partitions, int replicationFactor, IReadOnlyDictionary<string, string> configuration) =>
        Create(name, cluster.Topics.Spread(name, 0, partitions, replicationFactor), configuration);

    public Topic Create(string name, int[][] replicas, IReadOnlyDictionary<string, string> configuration)
    {
        if (cluster.Topics.Create(name, replicas, configuration) is not { } created)
            return cluster.Topics.Find(name) ?? throw new InvalidOperationException($"topic {name} was deleted while it was created");
        cluster.Log.TopicCreated(name, replicas.Length);
        return created;
    }
}
