using Switchback.Broker.Groups;
using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>AddPartitionsToTxn 0-3, as clients send it. Left out: versions 4 and 5, in which brokers ask each other.</summary>
internal sealed class AddPartitionsToTxnHandler(Cluster cluster) : RequestHandler<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>
{
    public override short HighestVersion => 3;

    protected override ValueTask<AddPartitionsToTxnResponse?> HandleAsync(AddPartitionsToTxnRequest request, RequestContext context)
    {
        TopicPartition[] partitions = [.. request.V3AndBelowTopics.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Name, p)))];
        var missing = partitions.Where(p => cluster.Topics.Find(p.Topic, p.Partition) is null).ToHashSet();
        var id = request.V3AndBelowTransactionalId;
        var error = cluster.Transactions.Check(id, context.Broker);
        if (error == KafkaError.None && missing.Count == 0)
            error = cluster.Transactions.Add(id, request.V3AndBelowProducerId, request.V3AndBelowProducerEpoch, partitions);
        else if (error == KafkaError.None)
            error = KafkaError.OperationNotAttempted;
        if (error == KafkaError.ProducerFenced && context.Version < 2)
            error = KafkaError.InvalidProducerEpoch;
        var response = new AddPartitionsToTxnResponse();
        foreach (var topic in request.V3AndBelowTopics)
        {
            var answer = new AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult { Name = topic.Name };
            foreach (var index in topic.Partitions)
            {
                var unknown = missing.Contains(new TopicPartition(topic.Name, index));
                answer.ResultsByPartition.Add(new() { PartitionIndex = index, PartitionErrorCode = unknown ? KafkaError.UnknownTopicOrPartition : error });
            }

            response.ResultsByTopicV3AndBelow.Add(answer);
        }

        return new(response);
    }
}
