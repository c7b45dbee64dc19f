using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>
/// CreateTopics 2-7, replicas assigned by the cluster or by the client. A replication factor up to the number of brokers is taken; the data exists once all the same.
/// </summary>
internal sealed class CreateTopicsHandler(Cluster cluster) : RequestHandler<CreateTopicsRequest, CreateTopicsResponse>
{
    private const int MostPartitions = 10_000;
    private const sbyte TopicSource = 1;
    private const sbyte DefaultSource = 5;

    protected override ValueTask<CreateTopicsResponse?> HandleAsync(CreateTopicsRequest request, RequestContext context)
    {
        var response = new CreateTopicsResponse();
        foreach (var asked in request.Topics)
        {
            var result = request.Topics.Count(t => t.Name == asked.Name) > 1
                ? Refuse(asked.Name, KafkaError.InvalidRequest, "Duplicate topic name.")
                : Create(asked, request.ValidateOnly);
            response.Topics.Add(result);
        }

        return new(response);
    }

    private static CreateTopicsResponse.CreatableTopicResult Refuse(string name, KafkaError error, string message) =>
        new() { Name = name, ErrorCode = error, ErrorMessage = message };

    private CreateTopicsResponse.CreatableTopicResult Create(CreateTopicsRequest.CreatableTopic asked, bool validateOnly)
    {
        if (TopicName.Complaint(asked.Name) is { } complaint)
            return Refuse(asked.Name, KafkaError.InvalidTopicException, complaint);
        if (cluster.Topics.Find(asked.Name) is not null)
            return Refuse(asked.Name, KafkaError.TopicAlreadyExists, $"Topic '{asked.Name}' already exists.");
        if (cluster.Topics.All.FirstOrDefault(t => TopicName.Collide(t.Name, asked.Name)) is { } rival)
            return Refuse(asked.Name, KafkaError.InvalidTopicException, $"Topic '{asked.Name}' collides with existing topic: {rival.Name}");
        var (error, message, replicas) = asked.Assignments.Count > 0 ? Assigned(asked) : Spread(asked);
        if (error != KafkaError.None)
            return Refuse(asked.Name, error, message);
        var configuration = asked.Configs.Where(c => c.Value is not null).GroupBy(c => c.Name).ToDictionary(g => g.Key, g => g.Last().Value!);
        if (TopicConfiguration.Complaint(configuration) is { } wrong)
            return Refuse(asked.Name, KafkaError.InvalidConfig, wrong);
        var result = new CreateTopicsResponse.CreatableTopicResult
        {
            Name = asked.Name,
            NumPartitions = replicas.Length,
            ReplicationFactor = (short)replicas[0].Length,
            Configs = Describe(configuration),
        };
        var stored = validateOnly ? KafkaError.None : StorageGuard.Try(() => result.TopicId = cluster.Creation.Create(asked.Name, replicas, configuration).Id);
        return stored == KafkaError.None ? result : Refuse(asked.Name, stored, "The disk did not take the topic.");
    }

    private (KafkaError Error, string Message, int[][] Replicas) Spread(CreateTopicsRequest.CreatableTopic asked)
    {
        var partitions = asked.NumPartitions == -1 ? cluster.Settings.DefaultPartitions : asked.NumPartitions;
        if (partitions is < 1 or > MostPartitions)
            return (KafkaError.InvalidPartitions, "Number of partitions was set to an invalid non-positive value, or to too many.", []);
        var replication = asked.ReplicationFactor == -1 ? Math.Min(cluster.Settings.DefaultReplicationFactor, cluster.Brokers.Count) : asked.ReplicationFactor;
        if (replication < 1)
            return (KafkaError.InvalidReplicationFactor, "Replication factor must be larger than 0, or -1 to use the default value.", []);
        return replication > cluster.Brokers.Count
            ? (KafkaError.InvalidReplicationFactor, $"Unable to replicate the partition {replication} time(s): there are {cluster.Brokers.Count} brokers.", [])
            : (KafkaError.None, "", cluster.Topics.Spread(asked.Name, 0, partitions, replication));
    }

    private (KafkaError Error, string Message, int[][] Replicas) Assigned(CreateTopicsRequest.CreatableTopic asked)
    {
        if (asked.NumPartitions != -1 || asked.ReplicationFactor != -1)
            return (KafkaError.InvalidRequest, "A manual assignment and a number of partitions or replicas exclude each other.", []);
        var byIndex = asked.Assignments.OrderBy(a => a.PartitionIndex).ToList();
        for (var i = 0; i < byIndex.Count; i++)
        {
            if (byIndex[i].PartitionIndex != i)
                return (KafkaError.InvalidReplicaAssignment, "Partitions must be assigned from 0 on without a gap.", []);
        }

        var known = cluster.Brokers.Select(b => b.Id).ToHashSet();
        var sound = byIndex.TrueForAll(a => a.BrokerIds.Count > 0 && a.BrokerIds.TrueForAll(known.Contains) && a.BrokerIds.Distinct().Count() == a.BrokerIds.Count);
        return sound
            ? (KafkaError.None, "", [.. byIndex.Select(a => a.BrokerIds.ToArray())])
            : (KafkaError.InvalidReplicaAssignment, "The manual partition assignment names no broker, an unknown one, or one twice.", []);
    }

    private List<CreateTopicsResponse.CreatableTopicConfigs> Describe(Dictionary<string, string> configuration) =>
        [.. Configuration.TopicKeys.All.Select(key => new CreateTopicsResponse.CreatableTopicConfigs
        {
            Name = key.Name,
            Value = configuration.GetValueOrDefault(key.Name) ?? cluster.Settings.TopicDefault(key.Name) ?? key.Default,
            ConfigSource = configuration.ContainsKey(key.Name) ? TopicSource : DefaultSource,
        })];
}
