using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>CreatePartitions 0-3: a topic grows; replicas assigned by the cluster or by the client.</summary>
internal sealed class CreatePartitionsHandler(Cluster cluster) : RequestHandler<CreatePartitionsRequest, CreatePartitionsResponse>
{
    protected override ValueTask<CreatePartitionsResponse?> HandleAsync(CreatePartitionsRequest request, RequestContext context)
    {
        var response = new CreatePartitionsResponse();
        foreach (var asked in request.Topics)
        {
            var (error, message) = Grow(asked, request.ValidateOnly);
            response.Results.Add(new() { Name = asked.Name, ErrorCode = error, ErrorMessage = message });
        }

        return new(response);
    }

    private (KafkaError Error, string? Message) Grow(CreatePartitionsRequest.CreatePartitionsTopic asked, bool validateOnly)
    {
        if (cluster.Topics.Find(asked.Name) is not { } topic)
            return (KafkaError.UnknownTopicOrPartition, "This server does not host this topic-partition.");
        var present = topic.Partitions.Count;
        if (asked.Count <= present)
            return (KafkaError.InvalidPartitions, $"The topic {asked.Name} currently has {present} partition(s); {asked.Count} would not be an increase.");
        var added = asked.Assignments is { } assignments
            ? [.. assignments.Select(a => a.BrokerIds.ToArray())]
            : cluster.Topics.Spread(asked.Name, present, asked.Count - present, topic.ReplicationFactor);
        var known = cluster.Brokers.Select(b => b.Id).ToHashSet();
        if (added.Length != asked.Count - present || !added.All(r => r.Length > 0 && r.All(known.Contains)))
            return (KafkaError.InvalidReplicaAssignment, "The assignment must name known brokers for each partition that is added.");
        var stored = validateOnly ? KafkaError.None : StorageGuard.Try(() => cluster.Topics.AddPartitions(asked.Name, added));
        return (stored, stored == KafkaError.None ? null : "The disk did not take the change.");
    }
}
