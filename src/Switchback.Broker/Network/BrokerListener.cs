using System.Net;
using System.Net.Sockets;
using Switchback.Broker.Security;

namespace Switchback.Broker.Network;

/// <summary>The listening socket of one broker, and its open connections.</summary>
internal sealed class BrokerListener : IDisposable
{
    private const int Backlog = 512;
    private static readonly TimeSpan AcceptRetryDelay = TimeSpan.FromMilliseconds(50);
    private readonly Socket _socket;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _connections = [];

    private BrokerListener(Socket socket) => _socket = socket;

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <exception cref="Configuration.ConfigurationException">The address is not ours, or in use.</exception>
    public static async Task<BrokerListener> BindAsync(string host, int port)
    {
        try
        {
            var address = IPAddress.TryParse(host, out var parsed) ? parsed
                : (await Dns.GetHostAddressesAsync(host)).OrderBy(a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return new BrokerListener(socket);
        }
        catch (SocketException failure)
        {
            throw new Configuration.ConfigurationException($"cannot listen on {host}:{port}: {failure.Message}", failure);
        }
    }

    /// <summary>Serves whoever connects until cancelled; then all connections are closed.</summary>
    public async Task RunAsync(Cluster cluster, BrokerNode broker, RequestDispatcher dispatcher, CancellationToken stopping)
    {
        var tls = broker.Listener.UsesTls ? new TlsAuthentication(broker.Listener) : null;
        try
        {
            while (true)
            {
                if (await AcceptAsync(cluster, broker, stopping) is { } client)
                    Track(new ClientConnection(cluster, broker, dispatcher, tls).RunAsync(client, stopping));
            }
        }
        catch (OperationCanceledException)
        {
            _socket.Dispose();
        }

        Task[] open;
        lock (_gate)
            open = [.. _connections];
        await Task.WhenAll(open);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>A client that went away at once, or too many open files, must not end the listener: the next one may fare better.</summary>
    private async Task<Socket?> AcceptAsync(Cluster cluster, BrokerNode broker, CancellationToken stopping)
    {
        try
        {
            return await _socket.AcceptAsync(stopping);
        }
        catch (SocketException failure)
        {
            cluster.Log.AcceptFailed(broker.Id, failure.Message);
            await Task.Delay(AcceptRetryDelay, cluster.Time, stopping);
            return null;
        }
    }

    private void Track(Task connection)
    {
        lock (_gate)
            _connections.Add(connection);
        connection.ContinueWith(
            ended =>
            {
                lock (_gate)
                    _connections.Remove(ended);
            },
            TaskScheduler.Default);
    }
}
