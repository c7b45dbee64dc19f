using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Switchback.Bench.Mirror;

/// <summary>A long way to a server: every byte arrives a fixed time after it was sent, in both directions, and as many as are sent.</summary>
internal sealed class DelayRelay : IAsyncDisposable
{
    private const int BufferBytes = 64 << 10;

    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private readonly int _to;
    private readonly TimeSpan _oneWay;

    public DelayRelay(int to, TimeSpan oneWay)
    {
        (_to, _oneWay) = (to, oneWay);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptAsync(_end.Token));
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The bench is over.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(IPAddress.Loopback, _to, _end.Token);
                await Task.WhenAny(PassAsync(client, server), PassAsync(server, client));
            }
            catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The other direction ends with this one.
            }
        }
    }

    private async Task PassAsync(Socket source, Socket sink)
    {
        var way = Channel.CreateUnbounded<(byte[] Bytes, int Count, long Due)>();
        var delivering = DeliverAsync(way.Reader, sink);
        try
        {
            while (true)
            {
                var bytes = ArrayPool<byte>.Shared.Rent(BufferBytes);
                var count = await source.ReceiveAsync(bytes, _end.Token);
                if (count == 0)
                {
                    break;
                }

                way.Writer.TryWrite((bytes, count, Environment.TickCount64 + (long)_oneWay.TotalMilliseconds));
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // What was sent before still arrives.
        }

        way.Writer.Complete();
        await delivering;
    }

    private async Task DeliverAsync(ChannelReader<(byte[] Bytes, int Count, long Due)> way, Socket sink)
    {
        try
        {
            await foreach (var (bytes, count, due) in way.ReadAllAsync(_end.Token))
            {
                if (due - Environment.TickCount64 is > 0 and var early)
                {
                    await Task.Delay((int)early, _end.Token);
                }

                for (var sent = 0; sent < count;)
                {
                    sent += await sink.SendAsync(bytes.AsMemory(sent, count - sent), _end.Token);
                }

                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The connection is over.
        }
    }
}
