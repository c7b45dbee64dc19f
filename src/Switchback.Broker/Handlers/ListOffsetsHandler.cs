using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>ListOffsets 1-11: earliest, latest, by time, largest time, and what tiered storage would say where there is none.</summary>
internal sealed class ListOffsetsHandler(Cluster cluster) : RequestHandler<ListOffsetsRequest, ListOffsetsResponse>
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;
    private const long EarliestLocal = -4;

    protected override ValueTask<ListOffsetsResponse?> HandleAsync(ListOffsetsRequest request, RequestContext context)
    {
        var response = new ListOffsetsResponse();
        foreach (var topic in request.Topics)
        {
            var answer = new ListOffsetsResponse.ListOffsetsTopicResponse { Name = topic.Name };
            foreach (var asked in topic.Partitions)
                answer.Partitions.Add(Answer(topic.Name, asked, committedOnly: request.IsolationLevel == 1, context));
            response.Topics.Add(answer);
        }

        return new(response);
    }

    private ListOffsetsResponse.ListOffsetsPartitionResponse Answer(
        string topic, ListOffsetsRequest.ListOffsetsPartition asked, bool committedOnly, RequestContext context)
    {
        var answer = new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = asked.PartitionIndex };
        var partition = cluster.Topics.Find(topic, asked.PartitionIndex);
        answer.ErrorCode = LeaderCheck.Check(partition, context.Broker, asked.CurrentLeaderEpoch);
        if (answer.ErrorCode == KafkaError.None)
            answer.ErrorCode = StorageGuard.Try(() => Look(partition!, asked.Timestamp, committedOnly, answer));
        if (context.Version < 4)
            answer.LeaderEpoch = -1;
        return answer;
    }

    private static void Look(Partition partition, long timestamp, bool committedOnly, ListOffsetsResponse.ListOffsetsPartitionResponse answer)
    {
        var log = partition.Log;
        var end = committedOnly ? log.LastStableOffset : log.EndOffset;
        switch (timestamp)
        {
            case Latest:
                (answer.Offset, answer.LeaderEpoch) = (end, partition.LeaderEpoch);
                return;
            case Earliest or EarliestLocal:
                (answer.Offset, answer.LeaderEpoch) = (log.StartOffset, log.EpochFor(log.StartOffset) is var first and >= 0 ? first : partition.LeaderEpoch);
                return;
            case < MaxTimestamp:
                return;
        }

        var found = timestamp == MaxTimestamp ? log.FindMaxTimestamp() : log.FindByTime(timestamp);
        if (found is { } record && record.Offset < end)
            (answer.Offset, answer.Timestamp, answer.LeaderEpoch) = (record.Offset, record.Timestamp, log.EpochFor(record.Offset));
    }
}
