using System.Net.Sockets;
using Switchback.Kafka;
using Switchback.Kafka.Wire;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>A client that sends frames, and keeps every byte it receives.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };
    private int _correlationId;
    private NetworkStream? _stream;

    public List<byte> Received { get; } = [];

    /// <summary>Kept, because a client that has said all it has to say still listens.</summary>
    public NetworkStream Stream => _stream ??= _client.GetStream();

    public static async Task<TestClient> ConnectAsync(int port)
    {
        var client = new TestClient();
        await client._client.ConnectAsync("127.0.0.1", port);
        return client;
    }

    public static byte[] RequestFrame<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, short version, int correlationId)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteRequest(writer, TRequest.ApiKey, version, correlationId, "test", request);
        return writer.Written.ToArray();
    }

    public ValueTask SendAsync(byte[] bytes) => Stream.WriteAsync(bytes, TestContext.Current.CancellationToken);

    public async Task<TResponse> AskAsync<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, short version)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        await Stream.WriteAsync(RequestFrame(request, version, ++_correlationId));
        var frame = await ReceiveAsync();
        var reader = new WireReader(frame);
        Assert.Equal(_correlationId, reader.ReadInt32());
        if (ApiTable.Get(TRequest.ApiKey).ResponseHeaderVersion(version) > 0)
        {
            reader.SkipTags();
        }

        var response = TRequest.ReadResponse(ref reader, version);
        reader.ThrowIfFailed();
        Assert.Equal(0, reader.Remaining);
        return response;
    }

    /// <summary>The next frame without its length.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var frame = await StreamExchange.ReceiveAsync(Stream, limit.Token);
        Received.AddRange(frame);
        return frame;
    }

    /// <summary>True when the other side closes without sending more.</summary>
    public async Task<bool> IsClosedByPeerAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await Stream.ReadAsync(new byte[1], limit.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _client.Dispose();
}
