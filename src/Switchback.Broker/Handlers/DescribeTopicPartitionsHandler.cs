using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DescribeTopicPartitions 0, in pages with a cursor.</summary>
internal sealed class DescribeTopicPartitionsHandler(Cluster cluster) : RequestHandler<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>
{
    /// <summary>Kafka's <c>max.request.partition.size.limit</c>.</summary>
    private const int MostPartitions = 2000;

    protected override ValueTask<DescribeTopicPartitionsResponse?> HandleAsync(DescribeTopicPartitionsRequest request, RequestContext context)
    {
        var response = new DescribeTopicPartitionsResponse();
        var names = (request.Topics.Count > 0 ? request.Topics.Select(t => t.Name) : cluster.Topics.All.Select(t => t.Name)).Distinct().Order(StringComparer.Ordinal);
        var left = Math.Clamp(request.ResponsePartitionLimit, 1, MostPartitions);
        foreach (var name in names.Where(n => request.Cursor is null || string.CompareOrdinal(n, request.Cursor.TopicName) >= 0))
        {
            var first = name == request.Cursor?.TopicName ? request.Cursor.PartitionIndex : 0;
            if (left == 0)
            {
                response.NextCursor = new() { TopicName = name, PartitionIndex = first };
                break;
            }

            if (cluster.Topics.Find(name) is not { } topic)
            {
                var error = TopicName.Complaint(name) is null ? KafkaError.UnknownTopicOrPartition : KafkaError.InvalidTopicException;
                response.Topics.Add(new() { ErrorCode = error, Name = name });
                continue;
            }

            var page = topic.Partitions.Skip(first).Take(left).ToList();
            response.Topics.Add(Describe(topic, page));
            left -= page.Count;
            if (first + page.Count < topic.Partitions.Count)
            {
                response.NextCursor = new() { TopicName = name, PartitionIndex = first + page.Count };
                break;
            }
        }

        return new(response);
    }

    private DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Describe(Topic topic, List<Partition> page)
    {
        var described = new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic { Name = topic.Name, TopicId = topic.Id, IsInternal = topic.IsInternal };
        foreach (var partition in page)
        {
            int[] inSync = [.. cluster.Topics.InSync(partition)];
            described.Partitions.Add(new()
            {
                ErrorCode = partition.Leader == Partition.NoLeader ? KafkaError.LeaderNotAvailable : KafkaError.None,
                PartitionIndex = partition.Index,
                LeaderId = partition.Leader,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = [.. partition.Replicas],
                IsrNodes = [.. inSync],
                EligibleLeaderReplicas = [],
                LastKnownElr = [],
                OfflineReplicas = [.. partition.Replicas.Except(inSync)],
            });
        }

        return described;
    }
}
