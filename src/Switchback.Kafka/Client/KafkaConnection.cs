using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Client;

/// <summary>
/// One connection to one broker: TCP, then TLS, ApiVersions and SASL as configured. Requests are pipelined - any number may be in flight, from
/// any thread - and matched to responses by correlation id; those that one thread sends without waiting go out in the order it sent them.
/// A response lies in an array of its own, so its records stay valid as long as the caller holds them. When the connection breaks, everything
/// in flight fails with one <see cref="KafkaConnectionException"/>.
/// </summary>
public sealed partial class KafkaConnection : IAsyncDisposable
{
    /// <summary>Largest response accepted, in bytes: 128 MiB.</summary>
    public const int MaximumResponseBytes = 128 << 20;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly string? _clientId;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<int, PendingResponse> _pending = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<short, (short Lowest, short Highest)> _brokerVersions = [];
    private KafkaConnectionException? _failure;
    private Task _reading = Task.CompletedTask;
    private int _lastCorrelationId;
    private long _waitingSince;

    private KafkaConnection(KafkaEndpoint endpoint, Socket socket, Stream stream, string? clientId)
    {
        Endpoint = endpoint;
        _socket = socket;
        _stream = stream;
        _clientId = clientId;
    }

    /// <summary>The broker's address as dialled.</summary>
    public KafkaEndpoint Endpoint { get; }

    /// <summary>Whether the connection still works, as far as is known.</summary>
    public bool IsOpen => Volatile.Read(ref _failure) is null;

    /// <summary>Completes when the connection has broken or was disposed; never fails.</summary>
    public Task Closed => _closed.Task;

    /// <summary>When the broker ends the SASL session (KIP-368), or null: reconnect before.</summary>
    public DateTimeOffset? SessionExpiry { get; private set; }

    /// <summary>Whether no request waits for its response.</summary>
    public bool IsIdle => _pending.IsEmpty;

    /// <summary>How long requests have been waiting without a byte from the broker; zero when none waits.</summary>
    public TimeSpan Silence => _pending.IsEmpty ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Volatile.Read(ref _waitingSince));

    /// <summary>Sends a request at the highest version both sides have and awaits its response.</summary>
    /// <exception cref="KafkaConnectionException">The connection broke; whether the broker acted on the request is unknown.</exception>
    /// <exception cref="NotSupportedException">The broker has no version of this API that we have.</exception>
    /// <exception cref="WireFormatException">The response is malformed.</exception>
    public Task<TResponse> SendAsync<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse> => SendAsync(request, NegotiatedVersion<TRequest, TResponse>(request), cancellation);

    /// <summary>Sends a request at a version and awaits its response. Cancelling gives the response up; the connection stays usable.</summary>
    /// <exception cref="KafkaConnectionException">The connection broke; whether the broker acted on the request is unknown.</exception>
    /// <exception cref="WireFormatException">The response is malformed.</exception>
    public async Task<TResponse> SendAsync<TRequest, TResponse>(
        IKafkaRequest<TRequest, TResponse> request, short version, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        var body = await SendRawAsync(TRequest.ApiKey, request, version, cancellation).ConfigureAwait(false);
        return Decode<TRequest, TResponse>(body, version);
    }

    /// <summary>
    /// As <see cref="SendAsync{TRequest, TResponse}(IKafkaRequest{TRequest, TResponse}, short, CancellationToken)"/>, with the response in a pooled buffer: its byte
    /// fields are valid until the buffer's last holder releases it. For large responses that come one after the other.
    /// </summary>
    /// <exception cref="KafkaConnectionException">The connection broke; whether the broker acted on the request is unknown.</exception>
    /// <exception cref="WireFormatException">The response is malformed.</exception>
    public async Task<(TResponse Response, ResponseBuffer Buffer)> SendPooledAsync<TRequest, TResponse>(
        IKafkaRequest<TRequest, TResponse> request, short version, CancellationToken cancellation)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        var pending = new PendingResponse(new ResponseBuffer());
        var body = await SendRawAsync(TRequest.ApiKey, request, version, pending, cancellation).ConfigureAwait(false);
        return (Decode<TRequest, TResponse>(body, version), pending.Buffer!);
    }

    /// <summary>The highest version of a request that the broker and this code both have.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public short NegotiatedVersion<TRequest, TResponse>(IKafkaRequest<TRequest, TResponse> request)
        where TRequest : IKafkaRequest<TRequest, TResponse> => NegotiatedVersion(TRequest.ApiKey);

    /// <summary>The highest version of an API that the broker and this code both have.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public short NegotiatedVersion(short apiKey) => TryNegotiate(apiKey, out var version)
        ? version
        : throw new NotSupportedException($"broker {Endpoint} has no version of {(ApiKey)apiKey} that this client has");

    /// <summary>The highest version of an API that the broker and this code both have; false when there is none.</summary>
    public bool TryNegotiate(short apiKey, out short version)
    {
        version = -1;
        if (!ApiTable.TryGet(apiKey, out var ours) || !_brokerVersions.TryGetValue(apiKey, out var theirs))
            return false;
        version = Math.Min(ours.HighestVersion, theirs.Highest);
        return version >= Math.Max(ours.LowestVersion, theirs.Lowest);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Fail(new KafkaConnectionException($"connection to {Endpoint} was closed"));
        await _reading.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    private static TResponse Decode<TRequest, TResponse>(ReadOnlyMemory<byte> body, short version)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        var reader = new WireReader(body);
        if (ApiTable.Get(TRequest.ApiKey).ResponseHeaderVersion(version) >= 1)
            reader.SkipTags();
        var response = TRequest.ReadResponse(ref reader, version);
        reader.ThrowIfFailed();
        return response;
    }

    private Task<ReadOnlyMemory<byte>> SendRawAsync(short apiKey, IKafkaMessage request, short version, CancellationToken cancellation) =>
        SendRawAsync(apiKey, request, version, new PendingResponse(null), cancellation);

    /// <summary>Answers what follows the correlation id of the response.</summary>
    private async Task<ReadOnlyMemory<byte>> SendRawAsync(short apiKey, IKafkaMessage request, short version, PendingResponse answer, CancellationToken cancellation)
    {
        var correlationId = Interlocked.Increment(ref _lastCorrelationId);
        using var writer = new WireWriter { Gathers = true };
        KafkaFrame.WriteRequest(writer, apiKey, version, correlationId, _clientId, request);
        if (_pending.IsEmpty)
            Volatile.Write(ref _waitingSince, Stopwatch.GetTimestamp());
        _pending[correlationId] = answer;
        var sent = false;
        try
        {
            if (Volatile.Read(ref _failure) is { } failure)
                throw Repeat(failure);
            await WriteAsync(writer, cancellation).ConfigureAwait(false);
            sent = true;
        }
        finally
        {
            if (!sent)
                _pending.TryRemove(correlationId, out _);
        }

        // When this wait is cancelled the entry stays, so that the response is recognised when it comes.
        return await answer.Task.WaitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task WriteAsync(WireWriter frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Not cancelled: half a frame would ruin the connection for everyone on it. Closing the socket ends it.
            if (!frame.HasGathered)
                await _stream.WriteAsync(frame.Written, CancellationToken.None).ConfigureAwait(false);
            else
                await WriteSegmentsAsync(frame).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            Fail(new KafkaConnectionException($"connection to {Endpoint} broke while sending: {e.Message}", e));
            throw Repeat(_failure!);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Large fields go from where they lie to the socket: all pieces by one call, or piece by piece into TLS.</summary>
    private async Task WriteSegmentsAsync(WireWriter frame)
    {
        if (_stream is not NetworkStream)
        {
            foreach (var segment in frame.Segments())
                await _stream.WriteAsync(segment, CancellationToken.None).ConfigureAwait(false);
            return;
        }

        var pieces = new List<ArraySegment<byte>>();
        foreach (var segment in frame.Segments())
            pieces.Add(MemoryMarshal.TryGetArray(segment, out var array) ? array : new ArraySegment<byte>(segment.ToArray()));
        var sent = await _socket.SendAsync(pieces, SocketFlags.None).ConfigureAwait(false);
        if (sent != frame.Length)
            throw new IOException($"{sent} of {frame.Length} bytes were taken");
    }

    /// <summary>The one place where a connection ends: the first failure stays, everything in flight gets it.</summary>
    private void Fail(KafkaConnectionException failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is not null)
            return;
        _socket.Dispose();
        foreach (var correlationId in _pending.Keys)
        {
            if (_pending.TryRemove(correlationId, out var answer))
                answer.TrySetException(Repeat(failure));
        }

        _closed.TrySetResult();
    }

    private static KafkaConnectionException Repeat(KafkaConnectionException failure) =>
        new(failure.Message, failure) { IsAuthenticationFailure = failure.IsAuthenticationFailure };
}
