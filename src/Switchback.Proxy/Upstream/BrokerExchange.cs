using System.Buffers.Binary;
using Switchback.Kafka;
using Switchback.Kafka.Wire;

namespace Switchback.Proxy.Upstream;

/// <summary>Sends a request of the proxy's own at a version and answers the response, header removed.</summary>
internal delegate Task<ReadOnlyMemory<byte>> BrokerExchange(short apiKey, short version, IKafkaMessage request, CancellationToken cancellation);

/// <summary>The simplest exchange: a stream that nobody else uses, one request at a time.</summary>
internal sealed class StreamExchange(Stream stream, string clientId)
{
    private const int LargestResponse = 16 << 20;
    private int _correlationId;

    public async Task<ReadOnlyMemory<byte>> ExchangeAsync(short apiKey, short version, IKafkaMessage request, CancellationToken cancellation)
    {
        await SendAsync(apiKey, version, request, cancellation).ConfigureAwait(false);
        return WithoutHeader(apiKey, version, await ReceiveAsync(stream, cancellation).ConfigureAwait(false));
    }

    public async Task SendAsync(short apiKey, short version, IKafkaMessage request, CancellationToken cancellation)
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteRequest(writer, apiKey, version, ++_correlationId, clientId, request);
        await stream.WriteAsync(writer.Written, cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads one frame, without its length.</summary>
    public static async Task<byte[]> ReceiveAsync(Stream stream, CancellationToken cancellation)
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length, cancellation).ConfigureAwait(false);
        var size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size is < 4 or > LargestResponse)
        {
            throw new UpstreamException($"answers with a frame of {size} bytes: no Kafka broker, or TLS where none is expected");
        }

        var frame = new byte[size];
        await stream.ReadExactlyAsync(frame, cancellation).ConfigureAwait(false);
        return frame;
    }

    public ReadOnlyMemory<byte> WithoutHeader(short apiKey, short version, ReadOnlyMemory<byte> frame)
    {
        var reader = new WireReader(frame);
        var correlationId = reader.ReadInt32();
        if (ApiTable.Get(apiKey).ResponseHeaderVersion(version) >= 1)
        {
            reader.SkipTags();
        }

        return correlationId == _correlationId && !reader.Failed
            ? reader.ReadRest()
            : throw new UpstreamException($"answers correlation id {correlationId} where {_correlationId} is expected");
    }
}
