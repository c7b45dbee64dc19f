using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Client;

/// <content>Topics: created, grown, deleted.</content>
public sealed partial class ClusterClient
{
    /// <summary>Creates topics and waits until every partition has a leader. A topic that exists already is left as it is.</summary>
    /// <returns>The names of the topics that were created now.</returns>
    /// <exception cref="KafkaErrorException">The cluster refused one for another reason.</exception>
    public async Task<IReadOnlyList<string>> CreateTopicsAsync(IReadOnlyCollection<NewTopic> topics, CancellationToken cancellation)
    {
        if (topics.Count == 0)
            return [];
        var request = new CreateTopicsRequest { TimeoutMs = (int)_options.RequestTimeout.TotalMilliseconds };
        request.Topics.AddRange(topics.Select(topic => new CreateTopicsRequest.CreatableTopic
        {
            Name = topic.Name,
            NumPartitions = topic.Partitions,
            ReplicationFactor = topic.ReplicationFactor,
            Configs = topic.Configuration?.Select(c => new CreateTopicsRequest.CreatableTopicConfig { Name = c.Key, Value = c.Value }).ToList() ?? [],
        }));
        var response = await SendToControllerAsync(request, WorstRetriable, cancellation).ConfigureAwait(false);
        foreach (var topic in response.Topics)
        {
            if (topic.ErrorCode is not (KafkaError.None or KafkaError.TopicAlreadyExists))
                throw new KafkaErrorException(topic.ErrorCode, $"create topic {topic.Name}", topic.ErrorMessage);
        }

        await WaitForLeadersAsync([.. topics.Select(topic => topic.Name)], cancellation).ConfigureAwait(false);
        return [.. response.Topics.Where(topic => topic.ErrorCode == KafkaError.None).Select(topic => topic.Name)];

        static KafkaError WorstRetriable(CreateTopicsResponse r) => r.Topics.Select(t => t.ErrorCode).FirstOrDefault(e => e.IsRetriable());
    }

    /// <summary>Deletes topics; one that does not exist is no error.</summary>
    /// <exception cref="KafkaErrorException">The cluster refused one.</exception>
    public async Task DeleteTopicsAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var any = await ConnectToAnyAsync(cancellation).ConfigureAwait(false);
        var byState = any.NegotiatedVersion(DeleteTopicsRequest.ApiKey) >= 6;
        var request = new DeleteTopicsRequest { TimeoutMs = (int)_options.RequestTimeout.TotalMilliseconds };
        if (byState)
            request.Topics.AddRange(names.Select(name => new DeleteTopicsRequest.DeleteTopicState { Name = name }));
        else
            request.TopicNames.AddRange(names);
        var response = await SendToControllerAsync(request, NotController, cancellation).ConfigureAwait(false);
        foreach (var result in response.Responses)
        {
            if (result.ErrorCode is not (KafkaError.None or KafkaError.UnknownTopicOrPartition))
                throw new KafkaErrorException(result.ErrorCode, $"delete topic {result.Name}", result.ErrorMessage);
        }

        static KafkaError NotController(DeleteTopicsResponse r) =>
            r.Responses.Select(t => t.ErrorCode).FirstOrDefault(e => e == KafkaError.NotController);
    }

    /// <summary>Waits until the cluster shows these topics with a leader for each partition.</summary>
    /// <exception cref="KafkaErrorException">It does not before the deadline.</exception>
    public Task<ClusterMetadata> WaitForLeadersAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation) =>
        RetryAsync("leaders", async ct =>
        {
            var metadata = await AskMetadataAsync(topics, ct).ConfigureAwait(false);
            foreach (var name in topics)
            {
                if (!metadata.Topics.TryGetValue(name, out var topic))
                    throw new KafkaErrorException(KafkaError.UnknownTopicOrPartition, name);
                if (topic.Partitions.Count == 0 || topic.Partitions.Any(partition => partition.LeaderId < 0))
                    throw new KafkaErrorException(KafkaError.LeaderNotAvailable, name);
            }

            return metadata;
        }, cancellation);
}
