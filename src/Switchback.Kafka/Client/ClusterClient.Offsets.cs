using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Client;

/// <content>Offsets by timestamp or place.</content>
public sealed partial class ClusterClient
{
    /// <summary>Asks the leaders for the offsets at a timestamp (ms since 1970) or an <see cref="OffsetPlace"/>.</summary>
    /// <exception cref="KafkaErrorException">A partition answered with an error, or none before the deadline.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, ListedOffset>> ListOffsetsAsync(
        IReadOnlyCollection<TopicPartition> partitions, long timestamp, IsolationLevel isolation, CancellationToken cancellation)
    {
        var results = new Dictionary<TopicPartition, ListedOffset>();
        string[] topics = [.. partitions.Select(partition => partition.Topic).Distinct()];
        await RetryAsync("list offsets", async ct =>
        {
            var byLeader = new Dictionary<int, List<TopicPartition>>();
            foreach (var partition in partitions.Where(partition => !results.ContainsKey(partition)))
            {
                var leader = await GetLeaderAsync(partition, ct).ConfigureAwait(false);
                if (!byLeader.TryGetValue(leader, out var list))
                    byLeader[leader] = list = [];
                list.Add(partition);
            }

            foreach (var (leader, list) in byLeader)
                await ListOffsetsAsync(leader, list, timestamp, isolation, results, ct).ConfigureAwait(false);
            return results;
        }, cancellation, topics).ConfigureAwait(false);
        return results;
    }

    private async Task ListOffsetsAsync(
        int leader, List<TopicPartition> partitions, long timestamp, IsolationLevel isolation,
        Dictionary<TopicPartition, ListedOffset> results, CancellationToken cancellation)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1, IsolationLevel = (sbyte)isolation };
        foreach (var topic in partitions.GroupBy(partition => partition.Topic))
        {
            request.Topics.Add(new ListOffsetsRequest.ListOffsetsTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(p => new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = p.Partition, Timestamp = timestamp })],
            });
        }

        var response = await SendToBrokerAsync(leader, request, cancellation).ConfigureAwait(false);
        KafkaErrorException? failure = null;
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var name = new TopicPartition(topic.Name, partition.PartitionIndex);
                if (partition.ErrorCode == KafkaError.None)
                    results[name] = new ListedOffset(partition.Offset, partition.Timestamp, partition.LeaderEpoch);
                else
                    failure ??= new KafkaErrorException(partition.ErrorCode, $"offset of {name}");
            }
        }

        if (failure is not null)
            throw failure;
    }
}
