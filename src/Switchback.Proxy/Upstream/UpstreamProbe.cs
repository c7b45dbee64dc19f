using Switchback.Kafka.Messages;
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
            using var connection = await ConnectAnyAsync(cancellation).ConfigureAwait(false);
            var since = Environment.TickCount64;
            if (connection is not null)
            {
                try
                {
                    await HoldAsync(connection, cancellation).ConfigureAwait(false);
                    continue;
                }
                catch (UpstreamException lost)
                {
                    // Ready stays as it is until the other brokers have been tried, which happens now.
                    reachability.Failed(connection.Broker, lost.Message);
                }
            }

            if (connection is null || Environment.TickCount64 - since < WhenNot.TotalMilliseconds)
            {
                await Task.Delay(WhenNot, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns when the session is about to end, throws <see cref="UpstreamException"/> when the connection is lost.</summary>
    private async Task HoldAsync(ProbeConnection connection, CancellationToken cancellation)
    {
        while (true)
        {
            readiness.Reached(connection.Broker, authenticated: settings.Sasl is not null);
            Learn(connection.Brokers);
            var session = Math.Max(connection.AuthenticateAgainAt - Environment.TickCount64, 0);
            await connection.RestAsync(TimeSpan.FromMilliseconds(Math.Min(session, WhenReady.TotalMilliseconds)), cancellation).ConfigureAwait(false);
            if (Environment.TickCount64 >= connection.AuthenticateAgainAt)
            {
                return;
            }

            await connection.AskAsync(Timeout, cancellation).ConfigureAwait(false);
        }
    }

    private void Learn(IReadOnlyList<MetadataResponse.MetadataResponseBroker> brokers)
    {
        foreach (var broker in brokers.Where(broker => settings.Dynamic.Enabled && broker.Host.Length > 0 && broker.Port is > 0 and <= 65535))
        {
            listeners.TryOpenFor(broker.NodeId, new HostPort(broker.Host, broker.Port));
        }

        listeners.Seen([.. brokers.Select(broker => broker.NodeId)], Environment.TickCount64);
    }

    private async Task<ProbeConnection?> ConnectAnyAsync(CancellationToken cancellation)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var failures = new List<string>();
        var attempts = new List<Task<ProbeConnection>>();
        var waiting = new Queue<HostPort>(listeners.KnownBrokers);
        ProbeConnection? first = null;
        while (first is null && (waiting.Count > 0 || attempts.Count > 0))
        {
            if (waiting.TryDequeue(out var broker))
            {
                attempts.Add(TryAsync(broker, failures, others.Token));
            }

            var stagger = waiting.Count > 0 ? Task.Delay(Stagger, others.Token) : Task.Delay(System.Threading.Timeout.Infinite, others.Token);
            var done = await Task.WhenAny([stagger, .. attempts]).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            if (done is Task<ProbeConnection> attempt)
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

    /// <summary>A broker is reached when it has answered: one that hangs has its system accept connections for it.</summary>
    private async Task<ProbeConnection> TryAsync(HostPort broker, List<string> failures, CancellationToken cancellation)
    {
        ProbeConnection? connection = null;
        try
        {
            connection = new ProbeConnection(await connector.ConnectAsync(broker, Timeout, cancellation).ConfigureAwait(false), settings);
            await connection.AskAsync(Timeout, cancellation).ConfigureAwait(false);
            reachability.Reached(broker);
            return connection;
        }
        catch (Exception failed)
        {
            connection?.Dispose();
            if (failed is UpstreamException)
            {
                reachability.Failed(broker, failed.Message);
                lock (failures)
                {
                    failures.Add($"{broker}: {failed.Message}");
                }
            }

            throw;
        }
    }
}
