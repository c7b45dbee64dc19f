using System.Buffers;
using System.Runtime.CompilerServices;

namespace Switchback.Proxy.Relay;

/// <summary>
/// A rented buffer between a source and a sink. Bytes come in at the end, are looked at, and leave from the front in one write; what cannot be decided yet
/// is held back and moves to the front.
/// <code>
///   |  sent  | ready to send | not looked at |  free  |
///            start           at              filled
/// </code>
/// </summary>
internal sealed class FrameWindow(Stream source, Stream sink, SpliceRoute? route = null) : IDisposable
{
    public const int Size = 64 * 1024;

    /// <summary>Enough for the head of a message whose body is spliced: every byte more would be copied.</summary>
    private const int HeadBytes = 4096;

    private byte[] _buffer = [];
    private int _start;
    private int _at;
    private int _filled;
    private bool _headsOnly;

    /// <summary>Bytes sent to the sink so far.</summary>
    public long Sent { get; private set; }

    /// <summary>The bytes that were not looked at.</summary>
    public Memory<byte> Unseen => _buffer.AsMemory(_at, _filled - _at);

    /// <summary>Marks bytes as ready to send.</summary>
    public void Pass(int count) => _at += count;

    /// <summary>A message of this size begins: after small ones, reads take as much as there is.</summary>
    public void Begin(int size) => _headsOnly &= size >= SpliceRoute.Worthwhile;

    /// <summary>Reads more behind what is there. False at the end of the source.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_filled == 0)
        {
            // A connection that rests holds no buffer: a read of nothing waits for something.
            Dispose();
            await source.ReadAsync(Memory<byte>.Empty, cancellation).ConfigureAwait(false);
            _buffer = ArrayPool<byte>.Shared.Rent(Size);
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _filled - _start).CopyTo(_buffer);
            _at -= _start;
            _filled -= _start;
            _start = 0;
        }

        if (_filled == _buffer.Length)
        {
            throw new RelayException($"{_buffer.Length} bytes were not enough to tell what a message is");
        }

        var room = _buffer.Length - _filled;
        var read = await source.ReadAsync(_buffer.AsMemory(_filled, _headsOnly ? Math.Min(room, HeadBytes) : room), cancellation).ConfigureAwait(false);
        _filled += read;
        return read > 0;
    }

    /// <summary>
    /// Passes the next bytes of the source without looking at them, where that pays; answers how many. What was read before must have been sent.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> SpliceAsync(int count, CancellationToken cancellation)
    {
        if (route is null || count < SpliceRoute.Worthwhile || _filled > 0)
        {
            return 0;
        }

        var passed = await route.PassAsync(count, cancellation).ConfigureAwait(false);
        _headsOnly = passed == count;
        Sent += passed;
        return passed;
    }

    /// <summary>Sends what is ready, in one write.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(CancellationToken cancellation)
    {
        var ready = _at - _start;
        if (ready > 0)
        {
            await sink.WriteAsync(_buffer.AsMemory(_start, ready), cancellation).ConfigureAwait(false);
            _start = _at;
            Sent += ready;
        }

        if (_start == _filled)
        {
            _start = _at = _filled = 0;
        }
    }

    /// <summary>Sends other bytes after what is ready.</summary>
    public async ValueTask SendInsteadAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await SendAsync(cancellation).ConfigureAwait(false);
        await sink.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        Sent += bytes.Length;
    }

    /// <summary>
    /// Takes a whole frame out, <paramref name="length"/> bytes with its length field; nothing of it is sent. What was ready must have been sent.
    /// The frame without its length field is valid until the next call; a large one lies in an array of its own, which the caller returns by <see cref="Return"/>.
    /// </summary>
    public async ValueTask<(ReadOnlyMemory<byte> Frame, byte[]? Rented)> TakeAsync(int length, CancellationToken cancellation)
    {
        if (length <= _filled - _at)
        {
            var inside = _buffer.AsMemory(_at + 4, length - 4);
            _at += length;
            _start = _at;
            return (inside, null);
        }

        // Grown as the bytes come: a declared length alone makes nobody allocate.
        var have = _filled - _at;
        var frame = ArrayPool<byte>.Shared.Rent(Math.Min(length, Math.Max(have, Size)));
        _buffer.AsSpan(_at, have).CopyTo(frame);
        _start = _at = _filled = 0;
        while (have < length)
        {
            if (have == frame.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, (long)frame.Length * 2));
                frame.AsSpan(0, have).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(frame);
                frame = larger;
            }

            var read = await source.ReadAsync(frame.AsMemory(have, Math.Min(frame.Length, length) - have), cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                ArrayPool<byte>.Shared.Return(frame);
                throw new EndOfStreamException("the connection ended in the middle of a message");
            }

            have += read;
        }

        return (frame.AsMemory(4, length - 4), frame);
    }

    public static void Return(byte[]? rented)
    {
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        Return(buffer.Length > 0 ? buffer : null);
    }
}
