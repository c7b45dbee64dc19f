using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DescribeProducers 0: what a partition knows of its idempotent and transactional producers.</summary>
internal sealed class DescribeProducersHandler(Cluster cluster) : RequestHandler<DescribeProducersRequest, DescribeProducersResponse>
{
    protected override ValueTask<DescribeProducersResponse?> HandleAsync(DescribeProducersRequest request, RequestContext context)
    {
        var response = new DescribeProducersResponse();
        foreach (var topic in request.Topics)
        {
            var answer = new DescribeProducersResponse.TopicResponse { Name = topic.Name };
            foreach (var index in topic.PartitionIndexes)
                answer.Partitions.Add(Describe(cluster.Topics.Find(topic.Name, index), index, context));
            response.Topics.Add(answer);
        }

        return new(response);
    }

    private static DescribeProducersResponse.PartitionResponse Describe(Partition? partition, int index, RequestContext context)
    {
        var answer = new DescribeProducersResponse.PartitionResponse { PartitionIndex = index, ErrorCode = LeaderCheck.Check(partition, context.Broker, -1) };
        if (answer.ErrorCode != KafkaError.None)
            return answer;
        foreach (var (id, epoch, lastSequence, lastTimestamp, coordinatorEpoch, start) in partition!.Log.DescribeProducers())
        {
            answer.ActiveProducers.Add(new()
            {
                ProducerId = id,
                ProducerEpoch = epoch,
                LastSequence = lastSequence,
                LastTimestamp = lastTimestamp,
                CoordinatorEpoch = coordinatorEpoch,
                CurrentTxnStartOffset = start ?? -1,
            });
        }

        return answer;
    }
}
