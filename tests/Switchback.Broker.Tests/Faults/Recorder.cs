using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Switchback.Broker.Tests.Faults;

/// <summary>Stands between a client and a broker, passes everything on, and keeps the requests that went by.</summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<byte[]> _requests = [];
    private readonly ConcurrentBag<Task> _work = [];

    public Recorder()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _work.Add(AcceptAsync());
    }

    public int Port { get; }

    /// <summary>The broker's port.</summary>
    public int Target { get; set; }

    /// <summary>The requests so far, each without its length.</summary>
    public IReadOnlyList<byte[]> Requests => [.. _requests.OrderBy(r => r.Length).ThenBy(Convert.ToHexString, StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_work);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _work.Add(PassAsync(await _listener.AcceptSocketAsync(_stopping.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            return;
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var broker = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await broker.ConnectAsync(IPAddress.Loopback, Target, _stopping.Token);
            await using var near = new NetworkStream(client, ownsSocket: true);
            await using var far = new NetworkStream(broker);
            await Task.WhenAny(RecordAsync(near, far), far.CopyToAsync(near, _stopping.Token));
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException)
        {
            return;
        }
    }

    private async Task RecordAsync(Stream from, Stream to)
    {
        var length = new byte[4];
        while (await from.ReadAtLeastAsync(length, 4, throwOnEndOfStream: false, _stopping.Token) == 4)
        {
            var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await from.ReadExactlyAsync(frame, _stopping.Token);
            _requests.Add(frame);
            await to.WriteAsync(length, _stopping.Token);
            await to.WriteAsync(frame, _stopping.Token);
        }
    }
}
