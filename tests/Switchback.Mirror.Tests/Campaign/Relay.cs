using System.Net;
using System.Net.Sockets;

namespace Switchback.Mirror.Tests.Campaign;

/// <summary>The network in front of a broker: passes bytes on, until it is cut (connections end, new ones are refused) or frozen (bytes stay where they are).</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Socket> _open = [];
    private readonly CancellationTokenSource _end = new();
    private Socket? _listener;
    private TaskCompletionSource _passes = Done();

    public Relay(int port)
    {
        Port = port;
        Restore();
    }

    public int Port { get; }

    /// <summary>The broker's own port.</summary>
    public int To { get; set; }

    /// <summary>Ends every connection and takes no new ones.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _listener?.Dispose();
            _listener = null;
            foreach (var socket in _open)
                socket.Dispose();
            _open.Clear();
        }

        _passes.TrySetResult();
    }

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    public void Freeze() => _passes = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>As it was: what is frozen goes on, what was cut can be dialled again.</summary>
    public void Restore()
    {
        _passes.TrySetResult();
        lock (_lock)
        {
            if (_listener is not null)
                return;
            var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
            listener.Listen(64);
            _listener = listener;
            _ = AcceptAsync(listener);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Cut();
        _end.Dispose();
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_lock)
            _open.AddRange([client, broker]);
        try
        {
            client.NoDelay = true;
            await broker.ConnectAsync(IPAddress.Loopback, To);
            await Task.WhenAny(PassAsync(client, broker), PassAsync(broker, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The broker is away: so is this connection.
        }
        finally
        {
            client.Dispose();
            broker.Dispose();
            lock (_lock)
                _open.RemoveAll(socket => socket == client || socket == broker);
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                await _passes.Task.WaitAsync(_end.Token);
                for (var sent = 0; sent < read;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return;
        }
    }
}
