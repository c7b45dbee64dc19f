using System.Collections.Concurrent;

namespace Switchback.Kafka.Client;

/// <summary>One connection an address, made when first asked for and again when broken or its SASL session is about to end.</summary>
internal sealed class ConnectionPool : IAsyncDisposable
{
    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromSeconds(5);

    private readonly ClusterClientOptions _options;
    private readonly ConcurrentDictionary<KafkaEndpoint, Slot> _slots = new();
    private bool _disposed;

    public ConnectionPool(ClusterClientOptions options) => _options = options;

    public async Task<KafkaConnection> GetAsync(KafkaEndpoint endpoint, CancellationToken cancellation)
    {
        var slot = _slots.GetOrAdd(endpoint, static _ => new Slot());
        if (slot.Connection is { } ready && IsUsable(ready))
            return ready;
        await slot.Connecting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (slot.Connection is { } made && IsUsable(made))
                return made;
            if (slot.Connection is { } old)
                slot.Retired.Add(old);
            slot.Connection = null;
            await slot.DisposeRetiredAsync(connection => !connection.IsOpen || connection.IsIdle || IsStuck(connection)).ConfigureAwait(false);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(_options.RequestTimeout);
            return slot.Connection = await ConnectAsync(endpoint, limit, cancellation).ConfigureAwait(false);
        }
        finally
        {
            slot.Connecting.Release();
        }
    }

    public async Task<KafkaConnection> GetAnyAsync(IEnumerable<KafkaEndpoint> known, CancellationToken cancellation)
    {
        foreach (var slot in _slots.Values)
        {
            if (slot.Connection is { } ready && IsUsable(ready))
                return ready;
        }

        var failures = new List<string>();
        foreach (var endpoint in known.Concat(_options.Bootstrap).Distinct())
        {
            try
            {
                return await GetAsync(endpoint, cancellation).ConfigureAwait(false);
            }
            catch (KafkaConnectionException e) when (!e.IsAuthenticationFailure)
            {
                failures.Add(e.Message);
            }
        }

        throw new KafkaConnectionException("no broker can be reached: " + string.Join("; ", failures));
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var slot in _slots.Values)
        {
            await slot.Connecting.WaitAsync().ConfigureAwait(false);
            if (slot.Connection is { } connection)
                slot.Retired.Add(connection);
            await slot.DisposeRetiredAsync(static _ => true).ConfigureAwait(false);
            slot.Connecting.Release();
        }
    }

    private async Task<KafkaConnection> ConnectAsync(KafkaEndpoint endpoint, CancellationTokenSource limit, CancellationToken cancellation)
    {
        try
        {
            return await KafkaConnection.ConnectAsync(endpoint, _options.Security, _options.ClientId, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new KafkaConnectionException($"cannot connect to {endpoint}: no answer within {_options.RequestTimeout.TotalSeconds:0.#} s");
        }
    }

    // Near the end of its SASL session a connection is replaced, and closed when those who use it have their answers.
    private bool IsUsable(KafkaConnection connection) =>
        connection.IsOpen && !IsStuck(connection) && !(connection.SessionExpiry is { } expiry && expiry - BeforeExpiry < DateTimeOffset.UtcNow);

    // A broker that keeps the connection and says nothing is given up, so that the next request has a fresh one.
    private bool IsStuck(KafkaConnection connection) => connection.Silence >= _options.RequestTimeout;

    private sealed class Slot
    {
        public SemaphoreSlim Connecting { get; } = new(1, 1);

        public volatile KafkaConnection? Connection;

        /// <summary>Connections replaced and not closed yet; held by <see cref="Connecting"/>.</summary>
        public List<KafkaConnection> Retired { get; } = [];

        public async Task DisposeRetiredAsync(Func<KafkaConnection, bool> which)
        {
            foreach (var connection in Retired.Where(which).ToList())
            {
                Retired.Remove(connection);
                await connection.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
