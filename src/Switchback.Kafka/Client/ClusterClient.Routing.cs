using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Client;

/// <summary>What a coordinator is asked for: the key type of FindCoordinator.</summary>
public enum CoordinatorType : sbyte
{
    /// <summary>A consumer group's coordinator.</summary>
    Group = 0,

    /// <summary>A transactional id's coordinator.</summary>
    Transaction = 1,
}

/// <content>To leaders, coordinators and the controller.</content>
public sealed partial class ClusterClient
{
    /// <summary>The leader of a partition, from the picture there is or a new look.</summary>
    /// <exception cref="KafkaErrorException">The partition does not exist or has no leader now (retriable).</exception>
    public async Task<int> GetLeaderAsync(TopicPartition partition, CancellationToken cancellation)
    {
        if (Metadata.FindPartition(partition) is { LeaderId: >= 0 } known)
            return known.LeaderId;
        var metadata = await AskMetadataAsync([partition.Topic], cancellation).ConfigureAwait(false);
        return metadata.FindPartition(partition) switch
        {
            null => throw new KafkaErrorException(KafkaError.UnknownTopicOrPartition, partition.ToString()),
            { LeaderId: < 0 } => throw new KafkaErrorException(KafkaError.LeaderNotAvailable, partition.ToString()),
            var found => found.LeaderId,
        };
    }

    /// <summary>Sends to the controller and tries again elsewhere when it moved. <paramref name="errorOf"/> answers the response's error.</summary>
    public Task<TResponse> SendToControllerAsync<TRequest, TResponse>(
        IKafkaRequest<TRequest, TResponse> request, Func<TResponse, KafkaError> errorOf, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse> =>
        RetryAsync("controller", async ct =>
        {
            if (!Metadata.Brokers.ContainsKey(Metadata.ControllerId))
                await AskMetadataAsync([], ct).ConfigureAwait(false);
            var connection = Metadata.Brokers.ContainsKey(Metadata.ControllerId)
                ? await ConnectToBrokerAsync(Metadata.ControllerId, ct).ConfigureAwait(false)
                : await ConnectToAnyAsync(ct).ConfigureAwait(false);
            return ThrowIfRetriable(await connection.SendAsync(request, ct).ConfigureAwait(false), errorOf, typeof(TRequest).Name);
        }, cancellation, topics: []);

    /// <summary>Sends to the coordinator of a group or transactional id, looked up each time; retriable errors are tried again.</summary>
    public Task<TResponse> SendToCoordinatorAsync<TRequest, TResponse>(
        CoordinatorType type, string key, IKafkaRequest<TRequest, TResponse> request, Func<TResponse, KafkaError> errorOf, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse> =>
        RetryAsync(typeof(TRequest).Name, async ct =>
        {
            var connection = await ConnectToCoordinatorAsync(type, key, ct).ConfigureAwait(false);
            return ThrowIfRetriable(await connection.SendAsync(request, ct).ConfigureAwait(false), errorOf, typeof(TRequest).Name);
        }, cancellation);

    /// <summary>The connection to the coordinator of a group or transactional id.</summary>
    /// <exception cref="KafkaErrorException">There is none now (retriable).</exception>
    public async Task<KafkaConnection> ConnectToCoordinatorAsync(CoordinatorType type, string key, CancellationToken cancellation) =>
        await ConnectAsync(await FindCoordinatorAsync(type, key, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>Where the coordinator of a group or transactional id is.</summary>
    /// <exception cref="KafkaErrorException">There is none now (retriable).</exception>
    public async Task<KafkaEndpoint> FindCoordinatorAsync(CoordinatorType type, string key, CancellationToken cancellation)
    {
        var any = await ConnectToAnyAsync(cancellation).ConfigureAwait(false);
        var version = any.NegotiatedVersion(FindCoordinatorRequest.ApiKey);
        var request = new FindCoordinatorRequest { KeyType = (sbyte)type };
        if (version >= 4)
            request.CoordinatorKeys = [key];
        else
            request.Key = key;
        var response = await any.SendAsync(request, version, cancellation).ConfigureAwait(false);
        var (error, message, host, port) = version >= 4 && response.Coordinators is [var found, ..]
            ? (found.ErrorCode, found.ErrorMessage, found.Host, found.Port)
            : (response.ErrorCode, response.ErrorMessage, response.Host, response.Port);
        if (error != KafkaError.None)
            throw new KafkaErrorException(error, $"coordinator of {key}", message);
        return new KafkaEndpoint(host, port);
    }

    private static TResponse ThrowIfRetriable<TResponse>(TResponse response, Func<TResponse, KafkaError> errorOf, string what)
    {
        var error = errorOf(response);
        return error.IsRetriable() ? throw new KafkaErrorException(error, what) : response;
    }
}
