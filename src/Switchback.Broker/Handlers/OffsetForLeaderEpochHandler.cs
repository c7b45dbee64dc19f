using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>OffsetForLeaderEpoch 2-4: where an epoch ended, so that a client finds out whether its log was cut.</summary>
internal sealed class OffsetForLeaderEpochHandler(Cluster cluster) : RequestHandler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>
{
    protected override ValueTask<OffsetForLeaderEpochResponse?> HandleAsync(OffsetForLeaderEpochRequest request, RequestContext context)
    {
        var response = new OffsetForLeaderEpochResponse();
        foreach (var topic in request.Topics)
        {
            var answer = new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult { Topic = topic.Topic };
            foreach (var asked in topic.Partitions)
            {
                var partition = cluster.Topics.Find(topic.Topic, asked.Partition);
                var entry = new OffsetForLeaderEpochResponse.EpochEndOffset
                {
                    Partition = asked.Partition,
                    ErrorCode = LeaderCheck.Check(partition, context.Broker, asked.CurrentLeaderEpoch),
                };
                if (entry.ErrorCode == KafkaError.None)
                    (entry.LeaderEpoch, entry.EndOffset) = partition!.Log.EndOfEpoch(asked.LeaderEpoch, partition.LeaderEpoch);
                answer.Partitions.Add(entry);
            }

            response.Topics.Add(answer);
        }

        return new(response);
    }
}
