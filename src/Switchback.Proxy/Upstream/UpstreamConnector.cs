using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>Makes connections to brokers: TCP, TLS where configured, SASL where configured.</summary>
internal sealed class UpstreamConnector(ProxySettings settings, BrokerTls? tls, Credentials? credentials)
{
    public Credentials? Credentials => credentials;

    public Task<UpstreamConnection> ConnectAsync(HostPort broker, TimeSpan timeout, CancellationToken cancellation) =>
        ConnectAsync(broker, credentials?.Current, timeout, cancellation);

    /// <summary>Connects within the time given; throws <see cref="UpstreamException"/> with the reason.</summary>
    public async Task<UpstreamConnection> ConnectAsync(HostPort broker, SaslCredentials? login, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (timeout > TimeSpan.Zero)
        {
            limit.CancelAfter(timeout);
        }

        var step = "connecting";
        Socket? socket = null;
        Stream? stream = null;
        try
        {
            var dialled = settings.DialInstead.GetValueOrDefault(broker, broker);
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            settings.BrokerSockets.ApplyTo(socket);
            await socket.ConnectAsync(dialled.Host, dialled.Port, limit.Token).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (tls is not null)
            {
                step = "TLS";
                var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
                stream = encrypted;
                await encrypted.AuthenticateAsClientAsync(tls.OptionsFor(broker.Host), limit.Token).ConfigureAwait(false);
            }

            var connection = new UpstreamConnection(broker, socket, stream);
            if (login is not null && credentials is not null)
            {
                step = "SASL";
                var exchange = new StreamExchange(stream, settings.Relay.ClientId);
                var lifetime = await SaslLogin.AuthenticateAsync(credentials.Mechanism, login, exchange.ExchangeAsync, limit.Token).ConfigureAwait(false);
                connection.AuthenticateAgainAt = SessionLifetime.AuthenticateAgainAt(lifetime);
            }

            return connection;
        }
        catch (Exception failed)
        {
            stream?.Dispose();
            socket?.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw failed switch
            {
                UpstreamException known => known,
                OperationCanceledException => new UpstreamException($"{step} took longer than {timeout.TotalSeconds:0.###} s"),
                SocketException or IOException or AuthenticationException => new UpstreamException($"{step}: {failed.Message}", failed),
                _ => new UpstreamException($"{step}: {failed.GetType().Name}: {failed.Message}", failed),
            };
        }
    }
}
