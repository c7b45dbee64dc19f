using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>A connection without a client's manners: any bytes go out, and what comes back is seen as it is.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly Stream _stream;
    private int _correlation;

    private RawConnection(Stream stream) => _stream = stream;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <exception cref="IOException">It is not let in.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">TLS fails.</exception>
    public static async Task<RawConnection> ConnectAsync(KafkaEndpoint endpoint, SslClientAuthenticationOptions? tls = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endpoint.Host, endpoint.Port, Stop);
        var network = new NetworkStream(socket, ownsSocket: true);
        if (tls is null)
            return new RawConnection(network);
        var secured = new SslStream(network);
        await secured.AuthenticateAsClientAsync(tls, Stop);
        return new RawConnection(secured);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _stream.WriteAsync(bytes, Stop);
        await _stream.FlushAsync(Stop);
    }

    /// <summary>Sends a request; its answer, or null when the connection is closed instead.</summary>
    public async Task<TResponse?> AskAsync<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, short version)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : class, IKafkaMessage
    {
        using var writer = new WireWriter();
        KafkaFrame.WriteRequest(writer, TRequest.ApiKey, version, ++_correlation, "raw", request);
        try
        {
            await SendAsync(writer.Written);
        }
        catch (IOException)
        {
            return null;
        }

        if (await FrameAsync() is not { } frame)
            return null;
        var reader = new WireReader(frame);
        Assert.Equal(_correlation, ResponseHeader.Read(ref reader, ApiTable.Get(TRequest.ApiKey).ResponseHeaderVersion(version)).CorrelationId);
        Assert.True(ApiTable.TryReadResponse(TRequest.ApiKey, ref reader, version, out var response), reader.Failure?.ToString());
        return (TResponse)response!;
    }

    /// <summary>The next frame without its length; null when the connection is closed instead.</summary>
    public async Task<byte[]?> FrameAsync()
    {
        var length = new byte[4];
        if (!await FillAsync(length))
            return null;
        var frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        return await FillAsync(frame) ? frame : null;
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    private async Task<bool> FillAsync(Memory<byte> buffer)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        deadline.CancelAfter(Eventually.Deadline);
        try
        {
            return await _stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, deadline.Token) == buffer.Length;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
