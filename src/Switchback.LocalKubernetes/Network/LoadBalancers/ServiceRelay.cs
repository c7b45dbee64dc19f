using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Switchback.LocalKubernetes.Network.LoadBalancers;

/// <summary>
/// One port of a load balancer's address: passes TCP connections on to the ready pods, in turn. While there is no ready pod it does not listen, so that
/// a connection is refused. Connections under way stay with their pod when the set of pods changes.
/// </summary>
internal sealed class ServiceRelay(IPEndPoint address) : IDisposable
{
    private const int BufferBytes = 32 * 1024;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _connections = [];
    private IPEndPoint[] _pods = [];
    private Socket? _listener;
    private int _turn;
    private bool _disposed;

    public IPEndPoint Address => address;

    /// <summary>Says which pods there are; starts or stops listening accordingly.</summary>
    /// <exception cref="SocketException">The port cannot be listened on.</exception>
    public void SetPods(IPEndPoint[] pods)
    {
        lock (_gate)
        {
            Volatile.Write(ref _pods, pods);
            if (pods.Length == 0 || _disposed)
            {
                _listener?.Dispose();
                _listener = null;
            }
            else if (_listener is null)
            {
                var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                try
                {
                    listener.Bind(address);
                    listener.Listen(1024);
                }
                catch
                {
                    listener.Dispose();
                    throw;
                }

                _listener = listener;
                _ = AcceptAsync(listener);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _listener?.Dispose();
            _listener = null;
            foreach (var connection in _connections)
            {
                connection.Dispose();
            }
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                var client = await listener.AcceptAsync();
                _ = Task.Run(() => ServeAsync(client));
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // The client gave up before we took it.
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var ours = client;
        if (await ConnectAsync() is not { } connected)
        {
            // As of a pod that is gone: a reset, not an orderly end.
            ours.LingerState = new LingerOption(true, 0);
            return;
        }

        using var pod = connected;
        ours.NoDelay = pod.NoDelay = true;
        if (!Track(ours, pod))
        {
            return;
        }

        try
        {
            await Task.WhenAll(PumpAsync(ours, pod), PumpAsync(pod, ours));
        }
        finally
        {
            lock (_gate)
            {
                _connections.Remove(ours);
                _connections.Remove(pod);
            }
        }
    }

    private bool Track(Socket client, Socket pod)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _connections.Add(client);
                _connections.Add(pod);
            }

            return !_disposed;
        }
    }

    /// <summary>Tries each pod once, from the one whose turn it is.</summary>
    private async Task<Socket?> ConnectAsync()
    {
        var pods = Volatile.Read(ref _pods);
        var first = (uint)Interlocked.Increment(ref _turn);
        for (var tried = 0u; tried < pods.Length; tried++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using var limit = new CancellationTokenSource(ConnectTimeout);
                await socket.ConnectAsync(pods[(first + tried) % (uint)pods.Length], limit.Token);
                return socket;
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    /// <summary>One direction; its end is passed on alone, so that a client may finish sending and go on reading.</summary>
    private static async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, SocketFlags.None)) > 0)
            {
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One side broke: so does the other.
            from.Dispose();
            to.Dispose();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
