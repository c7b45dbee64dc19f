using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Operations;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>
/// Keeps one connection to any broker and asks it something every few seconds: while it answers, the proxy is ready. When the connection ends, every known broker is
/// tried at once. Learns the cluster's brokers on the way, so that their listeners are open before a client asks.
/// </summary>
internal sealed class UpstreamProbe(ProxySettings settings, UpstreamConnector connector, BrokerListeners listeners, Readiness readiness, Reachability reachability)
{
    private static readonly TimeSpan WhenReady = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhenNot = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(300);

    private TimeSpan Timeout => settings.Relay.DialTimeout > TimeSpan.Zero && settings.Relay.DialTimeout < Patience ? settings.Relay.DialTimeout : Patience;

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var connection = await ConnectAnyAsync(cancellation).ConfigureAwait(false);
            if (connection is null)
            {
                await Task.Delay(WhenNot, cancellation).ConfigureAwait(false);
                continue;
            }

            using (connection)
            {
                try
                {
                    await HoldAsync(connection, cancellation).ConfigureAwait(false);
                }
                catch (Exception lost) when (lost is IOException or UpstreamException or TimeoutException or ObjectDisposedException)
                {
                    // Ready stays as it is until the other brokers have been tried, which happens now.
                    reachability.Failed(connection.Broker, lost.Message);
                }
            }
        }
    }

    /// <summary>Returns when the session is about to end, throws when the connection is lost.</summary>
    private async Task HoldAsync(UpstreamConnection connection, CancellationToken cancellation)
    {
        var exchange = new StreamExchange(connection.Stream, settings.Relay.ClientId);
        var authenticated = settings.Sasl is not null;
        var (apiKey, version, request) = authenticated
            ? (MetadataRequest.ApiKey, (short)1, (IKafkaMessage)new MetadataRequest { Topics = [] })
            : (ApiVersionsRequest.ApiKey, (short)0, new ApiVersionsRequest());
        var answer = StreamExchange.ReceiveAsync(connection.Stream, cancellation);
        while (Environment.TickCount64 < connection.AuthenticateAgainAt)
        {
            await exchange.SendAsync(apiKey, version, request, cancellation).WaitAsync(Timeout, cancellation).ConfigureAwait(false);
            var body = exchange.WithoutHeader(apiKey, version, await answer.WaitAsync(Timeout, cancellation).ConfigureAwait(false));
            readiness.Reached(connection.Broker, authenticated);
            if (authenticated)
            {
                Learn(body, version);
            }

            // The read of the next answer is under way before the question, so that the end of the connection is seen when it happens.
            answer = StreamExchange.ReceiveAsync(connection.Stream, cancellation);
            if (await Task.WhenAny(answer, Task.Delay(WhenReady, cancellation)).ConfigureAwait(false) == answer)
            {
                await answer.ConfigureAwait(false);
                throw new UpstreamException("answers what was not asked");
            }
        }
    }

    private void Learn(ReadOnlyMemory<byte> body, short version)
    {
        var reader = new WireReader(body);
        var metadata = MetadataResponse.Read(ref reader, version);
        if (reader.Failed)
        {
            throw new UpstreamException("answers Metadata with a malformed response");
        }

        foreach (var broker in metadata.Brokers.Where(broker => settings.Dynamic.Enabled && broker.Host.Length > 0 && broker.Port is > 0 and <= 65535))
        {
            listeners.TryOpenFor(broker.NodeId, new HostPort(broker.Host, broker.Port));
        }

        listeners.Seen([.. metadata.Brokers.Select(broker => broker.NodeId)], Environment.TickCount64);
    }

    private async Task<UpstreamConnection?> ConnectAnyAsync(CancellationToken cancellation)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var failures = new List<string>();
        var attempts = new List<Task<UpstreamConnection>>();
        var waiting = new Queue<HostPort>(listeners.KnownBrokers);
        UpstreamConnection? first = null;
        while (first is null && (waiting.Count > 0 || attempts.Count > 0))
        {
            if (waiting.TryDequeue(out var broker))
            {
                attempts.Add(TryAsync(broker, failures, others.Token));
            }

            var stagger = waiting.Count > 0 ? Task.Delay(Stagger, others.Token) : Task.Delay(System.Threading.Timeout.Infinite, others.Token);
            var done = await Task.WhenAny([stagger, .. attempts]).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (done is Task<UpstreamConnection> attempt)
            {
                attempts.Remove(attempt);
                first = attempt.IsCompletedSuccessfully ? attempt.Result : null;
            }
        }

        await others.CancelAsync().ConfigureAwait(false);
        foreach (var attempt in attempts)
        {
            _ = attempt.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }

        if (first is null)
        {
            readiness.Lost(string.Join("; ", failures));
        }

        return first;
    }

    private async Task<UpstreamConnection> TryAsync(HostPort broker, List<string> failures, CancellationToken cancellation)
    {
        try
        {
            var connection = await connector.ConnectAsync(broker, Timeout, cancellation).ConfigureAwait(false);
            reachability.Reached(broker);
            return connection;
        }
        catch (UpstreamException failed)
        {
            reachability.Failed(broker, failed.Message);
            lock (failures)
            {
                failures.Add($"{broker}: {failed.Message}");
            }

            throw;
        }
    }
}
