using System.Runtime.InteropServices;
using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Handlers;

/// <summary>
/// Produce 3-13, by name and by topic id. The records stay where they were received and go from there to the file. Left out: compression by the
/// broker (<c>compression.type</c> other than <c>producer</c>), and a look at single records: a batch is judged by its header and its checksum.
/// </summary>
internal sealed class ProduceHandler(Cluster cluster) : RequestHandler<ProduceRequest, ProduceResponse>
{
    /// <summary>As in Apache Kafka: librdkafka takes a broker without version 0 for one that cannot be produced to at all.</summary>
    public override short AnnouncedLowestVersion => 0;

    protected override ValueTask<ProduceResponse?> HandleAsync(ProduceRequest request, RequestContext context)
    {
        var response = new ProduceResponse();
        var failed = false;
        foreach (var topicData in request.TopicData)
        {
            var topic = context.Version >= 13 ? cluster.Topics.Find(topicData.TopicId) : cluster.Topics.Find(topicData.Name);
            var answer = new ProduceResponse.TopicProduceResponse { Name = topicData.Name, TopicId = topicData.TopicId };
            foreach (var data in topicData.PartitionData)
            {
                var result = Append(request, topic, data, context, answer);
                failed |= result != KafkaError.None;
            }

            response.Responses.Add(answer);
        }

        if (request.Acks != 0)
            return new(response);

        // A client that wants no answer learns of a failure only by its connection being closed.
        return failed ? throw new InvalidDataException("a batch was refused that was produced without acknowledgement") : new((ProduceResponse?)null);
    }

    private KafkaError Append(
        ProduceRequest request, Topic? topic, ProduceRequest.PartitionProduceData data, RequestContext context, ProduceResponse.TopicProduceResponse answer)
    {
        var partition = topic is not null && (uint)data.Index < (uint)topic.Partitions.Count ? topic.Partitions[data.Index] : null;
        var result = Append(request, topic, partition, data, context);
        var entry = new ProduceResponse.PartitionProduceResponse
        {
            Index = data.Index,
            ErrorCode = result.Error,
            BaseOffset = result.BaseOffset,
            LogAppendTimeMs = result.AppendTime,
            LogStartOffset = result.Error == KafkaError.None ? partition!.Log.StartOffset : -1,
            ErrorMessage = result.Message,
        };
        if (result.Error == KafkaError.NotLeaderOrFollower && context.Version >= 10)
            entry.CurrentLeader = new() { LeaderId = partition!.Leader, LeaderEpoch = partition.LeaderEpoch };
        if (result.Error == KafkaError.KafkaStorageError)
            cluster.Log.StorageFailed(topic!.Name, data.Index, result.Message);
        answer.PartitionResponses.Add(entry);
        return result.Error;
    }

    private AppendResult Append(ProduceRequest request, Topic? topic, Partition? partition, ProduceRequest.PartitionProduceData data, RequestContext context)
    {
        if (request.Acks is not (-1 or 0 or 1))
            return new AppendResult(KafkaError.InvalidRequiredAcks);
        if (topic is null && context.Version >= 13)
            return new AppendResult(KafkaError.UnknownTopicId);
        if (partition is null)
            return new AppendResult(KafkaError.UnknownTopicOrPartition);
        if (topic!.IsInternal)
            return AppendResult.Refused(KafkaError.InvalidTopicException, "The cluster writes this topic itself.");
        if (partition.Leader != context.Broker.Id)
            return new AppendResult(KafkaError.NotLeaderOrFollower);
        if (request.Acks == -1 && cluster.Topics.InSync(partition).Count() < MinInSync(topic))
            return new AppendResult(KafkaError.NotEnoughReplicas);
        if (data.Records is not { Length: > 0 } records)
            return AppendResult.Refused(KafkaError.InvalidRecord, "A partition was named without records for it.");
        return AppendRecords(request, partition, MemoryMarshal.AsMemory(records), context);
    }

    private AppendResult AppendRecords(ProduceRequest request, Partition partition, Memory<byte> records, RequestContext context)
    {
        if (RecordBatchHeader.TryRead(records.Span, out var header) && header.IsTransactional
            && cluster.Transactions.CheckProduce(request.TransactionalId, header, partition, context.Version) is var error and not KafkaError.None)
            return new AppendResult(error);
        return partition.Log.Append(records, partition.LeaderEpoch, cluster.Now);
    }

    private int MinInSync(Topic topic) =>
        int.Parse(topic.Configuration.GetValueOrDefault("min.insync.replicas") ?? cluster.Settings["min.insync.replicas"]!, System.Globalization.CultureInfo.InvariantCulture);
}
