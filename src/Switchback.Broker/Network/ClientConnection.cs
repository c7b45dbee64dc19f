using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Switchback.Broker.Security;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Network;

/// <summary>
/// One client: reads a request, has it answered, writes the answer, and only then reads the next, so that answers are in the order of requests. That is
/// what Apache Kafka does, too: it mutes a connection while it works on it.
/// </summary>
internal sealed class ClientConnection(Cluster cluster, BrokerNode broker, RequestDispatcher dispatcher, TlsAuthentication? tls)
{
    /// <summary>What a stranger may send before it has logged in; Kafka's <c>sasl.server.max.receive.size</c>.</summary>
    private const int UnauthenticatedLimit = 512 * 1024;

    public async Task RunAsync(Socket socket, CancellationToken stopping)
    {
        var client = (socket.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "unknown";
        using var idle = new IdleLimit(cluster.Time, cluster.Settings.LongestIdle, stopping);
        try
        {
            socket.NoDelay = true;
            await using var network = new NetworkStream(socket, ownsSocket: true);
            if (tls is null)
            {
                await ServeAsync(network, socket, client, idle);
                return;
            }

            await using var secured = new SslStream(network);
            await tls.AuthenticateAsync(secured, idle.Ended);
            await ServeAsync(secured, null, client, idle);
        }
        catch (Exception failure) when (failure is AuthenticationException or InvalidDataException or WireFormatException)
        {
            cluster.Log.ConnectionRefused(client, broker.Id, failure.Message);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            cluster.Log.ConnectionLost(client, broker.Id, idle.IsReached ? $"idle for {cluster.Settings.LongestIdle}" : failure.Message);
        }
        catch (Exception failure)
        {
            // A fault of ours ends this connection, not the cluster: the other clients have done nothing wrong.
            cluster.Log.RequestFailed(failure, client, broker.Id);
        }
    }

    private async Task ServeAsync(Stream stream, Socket? direct, string client, IdleLimit idle)
    {
        var stopping = idle.Ended;
        var session = new ConnectionSession(broker, "/" + client, cluster.Time);
        if (tls?.PrincipalOf(stream) is { } principal)
            session.Principal = principal;
        using var frames = new FrameReader(stream, idle);
        using var response = new Response();
        var sender = new ResponseSender(stream, direct, idle);
        while (session.State != AuthenticationState.Failed)
        {
            var limit = session.State == AuthenticationState.Authenticated ? cluster.Settings.MaxRequestBytes : UnauthenticatedLimit;
            if (await frames.ReadAsync(limit, stopping) is not { } frame)
                return;
            await dispatcher.AnswerAsync(frame, session, response, stopping);
            if (session.State == AuthenticationState.Failed)
                await Task.Delay(cluster.Settings.FailedAuthenticationDelay, cluster.Time, stopping);
            if (response.Writer.Position > 0)
            {
                await sender.SendAsync(response, stopping);
                idle.NoteActivity();
            }

            response.Reset();
        }
    }
}
