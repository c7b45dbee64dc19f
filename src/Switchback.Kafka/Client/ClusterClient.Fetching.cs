using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Client;

/// <content>Fetching record batches as they lie in the log.</content>
public sealed partial class ClusterClient
{
    /// <summary>Fetches one partition from its leader, trying again on retriable errors.</summary>
    /// <exception cref="KafkaErrorException">The broker refused, for example because the offset is out of range.</exception>
    public Task<FetchedPartition> FetchAsync(FetchPosition position, FetchSettings settings, CancellationToken cancellation) =>
        RetryAsync($"fetch {position.Partition}", async ct =>
        {
            var leader = await GetLeaderAsync(position.Partition, ct).ConfigureAwait(false);
            var fetched = await FetchAsync(leader, [position], settings, ct).ConfigureAwait(false);
            if (fetched.Count != 1)
                throw new KafkaErrorException(KafkaError.UnknownTopicOrPartition, $"fetch {position.Partition}");
            return fetched[0].Data.ErrorCode == KafkaError.None
                ? fetched[0]
                : throw new KafkaErrorException(fetched[0].Data.ErrorCode, $"fetch {position.Partition} at {position.Offset}");
        }, cancellation, [position.Partition.Topic]);

    /// <summary>
    /// Fetches partitions from one broker, once and without a session. Errors of single partitions are left in the answers; the topics' ids
    /// are looked up first where the version wants them.
    /// </summary>
    /// <exception cref="KafkaErrorException">The request as a whole was refused, or a topic's id is not known.</exception>
    /// <exception cref="KafkaConnectionException">The broker could not be reached.</exception>
    public async Task<IReadOnlyList<FetchedPartition>> FetchAsync(
        int brokerId, IReadOnlyCollection<FetchPosition> positions, FetchSettings settings, CancellationToken cancellation)
    {
        var connection = await ConnectToBrokerAsync(brokerId, cancellation).ConfigureAwait(false);
        var version = connection.NegotiatedVersion(FetchRequest.ApiKey);
        var request = new FetchRequest
        {
            MaxWaitMs = (int)settings.MaxWait.TotalMilliseconds,
            MinBytes = settings.MinBytes,
            MaxBytes = settings.MaxBytes,
            IsolationLevel = (sbyte)settings.Isolation,
        };
        var names = new Dictionary<Guid, string>();
        foreach (var topic in positions.GroupBy(position => position.Partition.Topic))
        {
            var id = version >= 13 ? await GetTopicIdAsync(topic.Key, cancellation).ConfigureAwait(false) : Guid.Empty;
            names[id] = topic.Key;
            request.Topics.Add(new FetchRequest.FetchTopic
            {
                Topic = topic.Key,
                TopicId = id,
                Partitions = [.. topic.Select(position => new FetchRequest.FetchPartition
                {
                    Partition = position.Partition.Partition,
                    FetchOffset = position.Offset,
                    CurrentLeaderEpoch = position.LeaderEpoch,
                    PartitionMaxBytes = settings.PartitionMaxBytes,
                })],
            });
        }

        var response = await connection.SendAsync(request, version, cancellation).ConfigureAwait(false);
        if (response.ErrorCode != KafkaError.None)
            throw new KafkaErrorException(response.ErrorCode, $"fetch from broker {brokerId}");
        return [.. from topic in response.Responses
                   let name = version >= 13 ? names.GetValueOrDefault(topic.TopicId) : topic.Topic
                   where name is not null
                   from partition in topic.Partitions
                   select new FetchedPartition(new TopicPartition(name, partition.PartitionIndex), partition)];
    }

    /// <summary>A topic's id, from the picture there is or a new look.</summary>
    /// <exception cref="KafkaErrorException">The topic does not exist (retriable).</exception>
    public async Task<Guid> GetTopicIdAsync(string topic, CancellationToken cancellation)
    {
        if (Metadata.Topics.TryGetValue(topic, out var known) && known.Id != Guid.Empty)
            return known.Id;
        var metadata = await AskMetadataAsync([topic], cancellation).ConfigureAwait(false);
        return metadata.Topics.TryGetValue(topic, out var found)
            ? found.Id
            : throw new KafkaErrorException(KafkaError.UnknownTopicOrPartition, topic);
    }
}
