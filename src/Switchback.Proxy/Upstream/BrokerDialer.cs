using Microsoft.Extensions.Logging;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>
/// Finds a broker for a client connection: the listener's own, and behind a bootstrap mapping, when that one cannot be reached, any other of the cluster in turn.
/// </summary>
internal sealed class BrokerDialer(ProxySettings settings, UpstreamConnector connector, BrokerListeners listeners, Reachability reachability, ILogger log)
{
    private static readonly TimeSpan LeastAttempt = TimeSpan.FromSeconds(1);

    public Credentials? Credentials => connector.Credentials;

    /// <summary>Throws <see cref="UpstreamException"/> when no broker can be reached within the dial timeout.</summary>
    public async Task<UpstreamConnection> ConnectAsync(LocalListener listener, CancellationToken cancellation)
    {
        var own = listener.Broker;
        HostPort[] brokers = listener.IsBootstrap ? [own, .. listeners.KnownBrokers.Where(broker => broker != own)] : [own];
        var timeout = settings.Relay.DialTimeout;
        var deadline = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        UpstreamException? last = null;
        for (var i = 0; i < brokers.Length; i++)
        {
            var attempt = timeout;
            if (timeout > TimeSpan.Zero)
            {
                var left = TimeSpan.FromMilliseconds(deadline - Environment.TickCount64);
                attempt = TimeSpan.FromTicks(Math.Max(left.Ticks / (brokers.Length - i), Math.Min(LeastAttempt.Ticks, left.Ticks)));
                if (attempt <= TimeSpan.Zero)
                {
                    break;
                }
            }

            try
            {
                var connection = await connector.ConnectAsync(brokers[i], attempt, cancellation).ConfigureAwait(false);
                reachability.Reached(brokers[i]);
                if (i > 0)
                {
                    log.ConnectedInstead(own, brokers[i]);
                }

                return connection;
            }
            catch (UpstreamException failed)
            {
                reachability.Failed(brokers[i], failed.Message);
                last = failed;
                if (failed.RefusedCredentials)
                {
                    break;
                }
            }
        }

        throw last ?? new UpstreamException("no broker could be reached within --kafka-dial-timeout");
    }
}
