using Switchback.Broker.Groups;
using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>TxnOffsetCommit 0-4: offsets that count when the transaction is committed. Left out: version 5 (KIP-890).</summary>
internal sealed class TxnOffsetCommitHandler(Cluster cluster) : RequestHandler<TxnOffsetCommitRequest, TxnOffsetCommitResponse>
{
    public override short HighestVersion => 4;

    protected override ValueTask<TxnOffsetCommitResponse?> HandleAsync(TxnOffsetCommitRequest request, RequestContext context)
    {
        var error = Check(request, context);
        var accepted = new Dictionary<TopicPartition, CommittedOffset>();
        var response = new TxnOffsetCommitResponse();
        var named = new List<TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition>();
        foreach (var topic in request.Topics)
        {
            var answer = new TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic { Name = topic.Name };
            foreach (var data in topic.Partitions)
            {
                var entry = new TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition { PartitionIndex = data.PartitionIndex, ErrorCode = error };
                if (error == KafkaError.None && cluster.Topics.Find(topic.Name, data.PartitionIndex) is null)
                    entry.ErrorCode = KafkaError.UnknownTopicOrPartition;
                if (error == KafkaError.None && data.CommittedMetadata?.Length > cluster.Groups.Settings.MaxMetadataBytes)
                    entry.ErrorCode = KafkaError.OffsetMetadataTooLarge;
                if (entry.ErrorCode == KafkaError.None)
                {
                    accepted[new TopicPartition(topic.Name, data.PartitionIndex)] =
                        new CommittedOffset(data.CommittedOffset, data.CommittedLeaderEpoch, data.CommittedMetadata ?? "", cluster.Now);
                    named.Add(entry);
                }

                answer.Partitions.Add(entry);
            }

            response.Topics.Add(answer);
        }

        if (accepted.Count > 0 && cluster.Groups.CommitInTransaction(request.GroupId, accepted, request.ProducerId, request.ProducerEpoch) is var stored and not KafkaError.None)
            named.ForEach(entry => entry.ErrorCode = stored);
        return new(response);
    }

    private KafkaError Check(TxnOffsetCommitRequest request, RequestContext context)
    {
        if (request.GroupId.Length == 0)
            return KafkaError.InvalidGroupId;
        var error = cluster.Groups.Check(request.GroupId, context.Broker);
        if (error != KafkaError.None)
            return error;
        if (cluster.Groups.Find(request.GroupId) is { } group)
            error = group.CheckCommit(request.MemberId, request.GroupInstanceId, request.GenerationId, transactional: true);
        else if (request.GenerationId >= 0)
            error = KafkaError.IllegalGeneration;
        if (error != KafkaError.None)
            return error;
        var partitions = cluster.Topics.Find(InternalTopics.Offsets)!.Partitions.Count;
        var partition = new TopicPartition(InternalTopics.Offsets, CoordinatorPartition.Of(request.GroupId, partitions));
        return cluster.Transactions.CheckPart(request.TransactionalId, request.ProducerId, request.ProducerEpoch, partition, abortable: false);
    }
}
