using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Client;

/// <summary>
/// A client of one cluster: one connection a broker, made when first needed and again when broken; metadata kept and looked up again when an
/// answer shows it is old; requests routed to a partition's leader, a group's or transaction's coordinator, or the controller. Operations are
/// tried again on retriable errors and broken connections until <see cref="ClusterClientOptions.Deadline"/>. For any number of threads.
/// </summary>
public sealed partial class ClusterClient : IAsyncDisposable
{
    private readonly ClusterClientOptions _options;
    private readonly ConnectionPool _connections;
    private ClusterMetadata _metadata = ClusterMetadata.Empty;

    /// <summary>Creates the client; nothing is connected yet.</summary>
    public ClusterClient(ClusterClientOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.Bootstrap.Count);
        _options = options;
        _connections = new ConnectionPool(options);
    }

    /// <summary>The latest picture of the cluster; empty before the first look.</summary>
    public ClusterMetadata Metadata => Volatile.Read(ref _metadata);

    /// <summary>Looks the cluster up again: all topics when <paramref name="topics"/> is null, none when it is empty.</summary>
    /// <exception cref="KafkaConnectionException">No broker could be asked before the deadline.</exception>
    public Task<ClusterMetadata> RefreshMetadataAsync(IReadOnlyCollection<string>? topics, CancellationToken cancellation) =>
        RetryAsync("metadata", ct => AskMetadataAsync(topics, ct), cancellation);

    /// <summary>Sends to any broker that answers.</summary>
    public Task<TResponse> SendToAnyAsync<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse> =>
        RetryAsync(typeof(TRequest).Name, async ct =>
        {
            var connection = await ConnectToAnyAsync(ct).ConfigureAwait(false);
            return await connection.SendAsync(request, ct).ConfigureAwait(false);
        }, cancellation);

    /// <summary>Sends to one broker, once: a connection that breaks is the caller's to judge.</summary>
    public async Task<TResponse> SendToBrokerAsync<TRequest, TResponse>(
        int brokerId, IKafkaRequest<TRequest, TResponse> request, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        var connection = await ConnectToBrokerAsync(brokerId, cancellation).ConfigureAwait(false);
        return await connection.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>The connection to a broker, made if need be.</summary>
    /// <exception cref="KafkaConnectionException">It cannot be reached, or the cluster no longer has it.</exception>
    public async Task<KafkaConnection> ConnectToBrokerAsync(int brokerId, CancellationToken cancellation)
    {
        if (!Metadata.Brokers.ContainsKey(brokerId))
            await AskMetadataAsync([], cancellation).ConfigureAwait(false);
        return Metadata.Brokers.TryGetValue(brokerId, out var broker)
            ? await _connections.GetAsync(broker.Endpoint, cancellation).ConfigureAwait(false)
            : throw new KafkaConnectionException($"broker {brokerId} is not in the cluster");
    }

    /// <summary>The connection to a broker that is known by where it listens.</summary>
    /// <exception cref="KafkaConnectionException">It cannot be reached.</exception>
    public Task<KafkaConnection> ConnectAsync(KafkaEndpoint broker, CancellationToken cancellation) => _connections.GetAsync(broker, cancellation);

    /// <summary>A connection to any broker: one that is open, else the known brokers and the bootstrap list in turn.</summary>
    /// <exception cref="KafkaConnectionException">None can be reached.</exception>
    public Task<KafkaConnection> ConnectToAnyAsync(CancellationToken cancellation) =>
        _connections.GetAnyAsync(Metadata.Brokers.Values.Select(broker => broker.Endpoint), cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    private async Task<ClusterMetadata> AskMetadataAsync(IReadOnlyCollection<string>? topics, CancellationToken cancellation)
    {
        var connection = await ConnectToAnyAsync(cancellation).ConfigureAwait(false);
        var request = new MetadataRequest
        {
            AllowAutoTopicCreation = false,
            Topics = topics?.Select(name => new MetadataRequest.MetadataRequestTopic { Name = name }).ToList(),
        };
        var response = await connection.SendAsync(request, cancellation).ConfigureAwait(false);
        if (response.ErrorCode != KafkaError.None)
            throw new KafkaErrorException(response.ErrorCode, "metadata");
        while (true)
        {
            var before = Metadata;
            var after = before.With(response, topics is null);
            if (Interlocked.CompareExchange(ref _metadata, after, before) == before)
                return after;
        }
    }
}
