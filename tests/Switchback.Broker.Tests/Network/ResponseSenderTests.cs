using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Tests.Network;

/// <summary>Answers whose records lie in files arrive whole; the records pass no memory of ours, or only what they are sent from.</summary>
public sealed class ResponseSenderTests : IDisposable
{
    private const int FileSize = 24 << 20;
    private readonly string _path = Path.GetTempFileName();
    private readonly byte[] _content = new byte[FileSize];
    private readonly SafeFileHandle _file;

    public ResponseSenderTests()
    {
        new Random(5).NextBytes(_content);
        File.WriteAllBytes(_path, _content);
        _file = File.OpenHandle(_path);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public async Task On_a_plain_connection_large_slices_stay_in_the_kernel()
    {
        using var response = new Response();
        var expected = Write(response);
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            var receiving = ReceiveAsync(client, expected.Length, pause: false);
            var sender = new ResponseSender(new NetworkStream(server), server);
            await sender.SendAsync(response, Stop);
            var received = await receiving;
            Assert.True(expected.AsSpan().SequenceEqual(received));
            Assert.InRange(sender.InKernel, 1, expected.Length);
        }
    }

    [Fact]
    public async Task A_client_that_reads_late_gets_everything_too()
    {
        using var response = new Response();
        var expected = Write(response);
        var (client, server) = await ConnectAsync();
        using (client)
        using (server)
        {
            var receiving = ReceiveAsync(client, expected.Length, pause: true);
            await new ResponseSender(new NetworkStream(server), server).SendAsync(response, Stop);
            var received = await receiving;
            Assert.True(expected.AsSpan().SequenceEqual(received));
        }
    }

    [Fact]
    public async Task Where_bytes_are_encrypted_they_are_read_to_where_they_are_sent_from()
    {
        using var response = new Response();
        var expected = Write(response);
        using var sink = new CountingStream(expected.Length);
        var sender = new ResponseSender(sink, socket: null);
        await sender.SendAsync(response, Stop);
        var before = GC.GetAllocatedBytesForCurrentThread();
        await sender.SendAsync(response, Stop);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(expected.AsSpan().SequenceEqual(sink.Content));
        Assert.Equal(0, sender.InKernel);
        Assert.InRange(allocated, 0, ResponseSender.BufferSize * 2);
    }

    [Fact]
    public async Task A_file_that_is_deleted_meanwhile_is_sent_all_the_same()
    {
        using var response = new Response();
        var expected = Write(response);
        _file.Dispose();
        File.Delete(_path);
        using var sink = new CountingStream(expected.Length);
        await new ResponseSender(sink, socket: null).SendAsync(response, Stop);
        Assert.True(expected.AsSpan().SequenceEqual(sink.Content));
        response.Reset();
        Assert.Throws<ObjectDisposedException>(() => response.Carry(new LogSlice(_file, 0, 10)));
    }

    /// <summary>A written form with slices of all sizes in it; what is to arrive.</summary>
    private byte[] Write(Response response)
    {
        using var all = new WireWriter();
        foreach (var (position, length) in new[] { (10, 5), (100_000, 9_000_000), (0, 40_000), (9_500_000, 31_000), (9_500_000, 1), (12_000_000, 12_000_000) })
        {
            response.Writer.WriteInt64(position);
            response.Writer.WriteBytes(response.Carry(new LogSlice(_file, position, length)), flexible: true);
            all.WriteInt64(position);
            all.WriteBytes(_content.AsMemory(position, length), flexible: true);
        }

        response.Writer.WriteInt32(7);
        all.WriteInt32(7);
        return all.Written.ToArray();
    }

    private static async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        listener.Listen();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, Stop);
        var server = await listener.AcceptAsync(Stop);

        // As a connection does it: a request is read before any answer is sent.
        await client.SendAsync(new byte[1], Stop);
        Assert.Equal(1, await server.ReceiveAsync(new byte[1], Stop));
        return (client, server);
    }

    private static async Task<byte[]> ReceiveAsync(Socket client, int length, bool pause)
    {
        var received = new byte[length];
        for (var filled = 0; filled < length;)
        {
            if (pause)
                await Task.Yield();
            var read = await client.ReceiveAsync(received.AsMemory(filled, Math.Min(pause ? 3000 : 1 << 20, length - filled)), Stop);
            Assert.NotEqual(0, read);
            filled += read;
        }

        return received;
    }

    /// <summary>Keeps the last bytes written, without growing.</summary>
    private sealed class CountingStream(int length) : MemoryStream(new byte[length])
    {
        public byte[] Content => ToArray();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length)
                Position = 0;
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
