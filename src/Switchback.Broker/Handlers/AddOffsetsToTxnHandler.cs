using Switchback.Broker.Groups;
using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>AddOffsetsToTxn 0-4: a group's offsets become part of the transaction.</summary>
internal sealed class AddOffsetsToTxnHandler(Cluster cluster) : RequestHandler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>
{
    protected override ValueTask<AddOffsetsToTxnResponse?> HandleAsync(AddOffsetsToTxnRequest request, RequestContext context)
    {
        var error = cluster.Transactions.Check(request.TransactionalId, context.Broker);
        if (error == KafkaError.None)
        {
            var topic = cluster.Creation.Internal(InternalTopics.Offsets);
            var partition = new TopicPartition(topic.Name, CoordinatorPartition.Of(request.GroupId, topic.Partitions.Count));
            error = cluster.Transactions.Add(request.TransactionalId, request.ProducerId, request.ProducerEpoch, [partition]);
        }

        if (error == KafkaError.ProducerFenced && context.Version < 2)
            error = KafkaError.InvalidProducerEpoch;
        return new(new AddOffsetsToTxnResponse { ErrorCode = error });
    }
}
