using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DeleteRecords 0-2: the log begins later; segments wholly before that are deleted.</summary>
internal sealed class DeleteRecordsHandler(Cluster cluster) : RequestHandler<DeleteRecordsRequest, DeleteRecordsResponse>
{
    protected override ValueTask<DeleteRecordsResponse?> HandleAsync(DeleteRecordsRequest request, RequestContext context)
    {
        var response = new DeleteRecordsResponse();
        foreach (var topic in request.Topics)
        {
            var answer = new DeleteRecordsResponse.DeleteRecordsTopicResult { Name = topic.Name };
            foreach (var asked in topic.Partitions)
            {
                var partition = cluster.Topics.Find(topic.Name, asked.PartitionIndex);
                var error = LeaderCheck.Check(partition, context.Broker, -1);
                var start = -1L;
                if (error == KafkaError.None)
                    (error, start) = partition!.Log.DeleteRecordsBefore(asked.Offset);
                answer.Partitions.Add(new() { PartitionIndex = asked.PartitionIndex, LowWatermark = start, ErrorCode = error });
            }

            response.Topics.Add(answer);
        }

        return new(response);
    }
}
