using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace Switchback.Kafka.Client;

/// <content>The read loop: frames from the stream to those who wait for them.</content>
public sealed partial class KafkaConnection
{
    private const int BufferBytes = 64 << 10;
    private const int LengthBytes = 4;
    private const int CorrelationBytes = 4;

    private async Task ReadResponsesAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var start = 0;
        var end = 0;
        try
        {
            while (true)
            {
                while (end - start < LengthBytes + CorrelationBytes)
                {
                    if (start > 0)
                    {
                        buffer.AsSpan(start, end - start).CopyTo(buffer);
                        (start, end) = (0, end - start);
                    }

                    var read = await _stream.ReadAsync(buffer.AsMemory(end)).ConfigureAwait(false);
                    if (read == 0)
                        throw new EndOfStreamException("the broker closed the connection");
                    end += read;
                    Volatile.Write(ref _waitingSince, Stopwatch.GetTimestamp());
                }

                var length = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start));
                if (length is < LengthBytes or > MaximumResponseBytes)
                    throw new InvalidDataException($"a response of {length} bytes is announced; {LengthBytes} to {MaximumResponseBytes} are accepted");
                start += LengthBytes;
                var correlationId = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(start));
                if (!_pending.TryGetValue(correlationId, out var answer))
                    throw new InvalidDataException($"a response to a request never sent, correlation id {correlationId}");

                // Each response has an array of its own, unless its requester says when it is done with it: its record slices live as long as the caller keeps them.
                var frame = answer.Buffer?.Rent(length) ?? GC.AllocateUninitializedArray<byte>(length);
                var there = Math.Min(length, end - start);
                buffer.AsSpan(start, there).CopyTo(frame);
                start += there;
                if (there < length)
                    await _stream.ReadExactlyAsync(frame.AsMemory(there, length - there)).ConfigureAwait(false);
                _pending.TryRemove(correlationId, out _);
                answer.TrySetResult(frame.AsMemory(CorrelationBytes, length - CorrelationBytes));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException or InvalidDataException)
        {
            Fail(new KafkaConnectionException($"connection to {Endpoint} broke: {e.Message}", e));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
