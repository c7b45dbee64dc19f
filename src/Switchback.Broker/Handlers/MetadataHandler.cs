using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>Metadata 0-13, by name and by id, with automatic creation where it is allowed. Left out: authorized operations, as there are no ACLs.</summary>
internal sealed class MetadataHandler(Cluster cluster) : RequestHandler<MetadataRequest, MetadataResponse>
{
    protected override ValueTask<MetadataResponse?> HandleAsync(MetadataRequest request, RequestContext context)
    {
        var all = request.Topics is null || (context.Version == 0 && request.Topics.Count == 0);
        var create = context.Version < 4 || request.AllowAutoTopicCreation;
        List<Func<MetadataResponse.MetadataResponseTopic>> answers = all ? [] : [.. request.Topics!.Select(asked => Find(asked, create))];
        return new(cluster.Topics.Together(() =>
        {
            var response = new MetadataResponse { ClusterId = cluster.Id, ControllerId = cluster.ControllerId };
            foreach (var broker in cluster.LiveBrokers)
                response.Brokers.Add(new() { NodeId = broker.Id, Host = broker.Host, Port = broker.Port });
            response.Topics.AddRange(all ? cluster.Topics.All.Select(Describe) : answers.Select(answer => answer()));
            return response;
        }));
    }

    /// <summary>Finds or creates a topic; what it answers describes the topic as it is then.</summary>
    private Func<MetadataResponse.MetadataResponseTopic> Find(MetadataRequest.MetadataRequestTopic asked, bool create)
    {
        if (asked.Name is null)
        {
            return () => cluster.Topics.Find(asked.TopicId) is { } byId
                ? Describe(byId)
                : new() { ErrorCode = KafkaError.UnknownTopicId, TopicId = asked.TopicId, Name = null };
        }

        var (topic, error) = cluster.Creation.FindOrCreate(asked.Name, create);
        return topic is null ? () => new() { ErrorCode = error, Name = asked.Name } : () => Describe(topic);
    }

    private MetadataResponse.MetadataResponseTopic Describe(Topic topic)
    {
        var described = new MetadataResponse.MetadataResponseTopic { Name = topic.Name, TopicId = topic.Id, IsInternal = topic.IsInternal };
        foreach (var partition in topic.Partitions)
        {
            int[] inSync = [.. cluster.Topics.InSync(partition)];
            described.Partitions.Add(new()
            {
                ErrorCode = partition.Leader == Partition.NoLeader ? KafkaError.LeaderNotAvailable : KafkaError.None,
                PartitionIndex = partition.Index,
                LeaderId = partition.Leader,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = [.. partition.Replicas],
                IsrNodes = [.. inSync],
                OfflineReplicas = [.. partition.Replicas.Except(inSync)],
            });
        }

        return described;
    }
}
