using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Operations;
using Switchback.Proxy.Rewriting;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Relay;

/// <summary>What every connection needs of the proxy.</summary>
internal sealed record ConnectionServices(
    ProxySettings Settings, BrokerDialer Dialer, BrokerListeners Listeners, ListenerTls? ListenerTls, BrokerTls? BrokerTls, ConnectionWatch Watch, ProxyMetrics Metrics, ILogger Log);

/// <summary>
/// One client connection, from accept to close.
/// <code>
///            (1) TLS, where configured         (2) TCP, TLS, SASL
///   client  ------------------------->  proxy  -------------------->  broker
///            (3) requests    ->  RequestPump   ->
///                            &lt;-  ResponsePump  &lt;-  responses (4)
///            (5) whoever ends first ends both
/// </code>
/// </summary>
internal sealed class ProxyConnection(Socket socket, LocalListener listener, ConnectionServices services)
{
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(15);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var client = "a client";
        var metrics = services.Metrics.Of(listener.Broker);
        metrics.ConnectionOpened();
        try
        {
            using (socket)
            {
                client = socket.RemoteEndPoint?.ToString() ?? client;
                services.Settings.ClientSockets.ApplyTo(socket);
                services.Log.ClientConnected(client, listener.Broker);
                await RelayAsync(client, metrics, cancellation).ConfigureAwait(false);
            }

            services.Log.ClientDisconnected(client, listener.Broker, "closed");
        }
        catch (Exception ended)
        {
            if (Report(client, ended, cancellation))
            {
                metrics.ConnectionFailed();
            }
        }
        finally
        {
            metrics.ConnectionClosed();
        }
    }

    private async Task RelayAsync(string client, BrokerMetrics metrics, CancellationToken cancellation)
    {
        // (1)
        await using var stream = await AcceptTlsAsync(new NetworkStream(socket, ownsSocket: false), cancellation).ConfigureAwait(false);

        // (2)
        using var upstream = await services.Dialer.ConnectAsync(listener, cancellation).ConfigureAwait(false);
        var inFlight = new InFlightRequests(services.Settings.Relay.MaxInFlight);
        var stalls = new StallClock();
        var context = new RelayContext(
            client, services.Settings.Relay, upstream, new UpstreamIdentity(services.Listeners), inFlight, metrics, stalls, services.Dialer.Credentials, services.Log);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watched = new WatchedConnection(upstream.Broker == listener.Broker ? null : listener.Broker, stalls, stop);

        // (3), (4)
        services.Watch.Add(watched);
        var requests = new RequestPump(context, stream).RunAsync(stop.Token);
        var responses = new ResponsePump(context, stream).RunAsync(stop.Token);
        var first = await Task.WhenAny(requests, responses).ConfigureAwait(false);

        // (5) Closing the sockets releases the other pump wherever it waits.
        services.Watch.Remove(watched);
        await stop.CancelAsync().ConfigureAwait(false);
        inFlight.End();
        socket.Shutdown(SocketShutdown.Both);
        upstream.Socket.Dispose();
        await Task.WhenAny(Task.WhenAll(requests, responses)).ConfigureAwait(false);
        if (watched.ClosedBecause is { } reason)
        {
            throw new RelayException(reason);
        }

        await first.ConfigureAwait(false);
    }

    private async ValueTask<Stream> AcceptTlsAsync(NetworkStream plain, CancellationToken cancellation)
    {
        if (services.ListenerTls is null)
        {
            return plain;
        }

        var encrypted = new SslStream(plain, leaveInnerStreamOpen: false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(HandshakePatience);
        await encrypted.AuthenticateAsServerAsync(services.ListenerTls.Options(), limit.Token).ConfigureAwait(false);
        if (services.ListenerTls.Refuses(encrypted.RemoteCertificate) is { } reason)
        {
            throw new AuthenticationException(reason);
        }

        if (services.Settings.BrokerTls is { SameClientCertificate: true }
            && !(encrypted.RemoteCertificate?.GetCertHash().AsSpan().SequenceEqual(services.BrokerTls?.ClientCertificate?.GetCertHash()) ?? false))
        {
            throw new AuthenticationException("the client's certificate is not the one of --tls-client-cert-file");
        }

        return encrypted;
    }

    /// <summary>Logs how a connection ended.</summary>
    /// <returns>Whether that was an error, not a client that is gone or the proxy's own end.</returns>
    private bool Report(string client, Exception ended, CancellationToken cancellation)
    {
        switch (ended)
        {
            case RelayException or UnmappedBrokerException or AuthenticationException or EndOfStreamException:
                services.Log.ConnectionClosed(client, listener.Broker, ended.Message);
                return true;
            case UpstreamException:
                services.Log.ClientDisconnected(client, listener.Broker, ended.Message);
                return true;
            case IOException or SocketException or ObjectDisposedException or OperationCanceledException:
                services.Log.ClientDisconnected(client, listener.Broker, cancellation.IsCancellationRequested ? "the proxy ends" : ended.Message);
                return false;
            default:
                services.Log.ConnectionFailed(ended, client, listener.Broker);
                return true;
        }
    }
}
