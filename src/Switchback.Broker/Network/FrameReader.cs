using System.Buffers;
using System.Buffers.Binary;

namespace Switchback.Broker.Network;

/// <summary>
/// Cuts a connection's bytes into frames. A frame declared larger than allowed is refused before any of it is read. A byte is moved at most once after it was
/// read, and not at all where its frame could be read to where it stays.
/// </summary>
/// <param name="stream">The connection.</param>
/// <param name="idle">Told of every byte read; null where nobody cares.</param>
internal sealed class FrameReader(Stream stream, IdleLimit? idle = null) : IDisposable
{
    internal const int BufferSize = 64 * 1024;

    /// <summary>After a large frame only so much is read ahead: most of what follows will be another one, read to its own place.</summary>
    private const int SmallReadAhead = 4 * 1024;

    /// <summary>A frame up to this size gets its memory at once; a larger one when so much of it has come, so that a bare promise costs nothing.</summary>
    private const int TrustedSize = 2 << 20;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private byte[]? _large;
    private int _start;
    private int _end;
    private int _readAhead = BufferSize;

    /// <summary>Bytes that were moved in memory after they had been read.</summary>
    public long Moved { get; private set; }

    /// <summary>The next frame without its length, valid until the next call; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The frame is larger than <paramref name="limit"/>, or its length is negative.</exception>
    public async ValueTask<Memory<byte>?> ReadAsync(int limit, CancellationToken cancellation)
    {
        ReturnLarge();
        if (!await FillAsync(4, cancellation))
            return null;
        var length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start));
        if (length < 0 || length > limit)
            throw new InvalidDataException($"a request of {length} bytes is not between 0 and {limit}");
        _start += 4;
        _readAhead = length > BufferSize - 4 ? SmallReadAhead : BufferSize;
        if (length > BufferSize - 4)
            return await ReadLargeAsync(length, cancellation);
        if (!await FillAsync(length, cancellation))
            return null;
        var frame = _buffer.AsMemory(_start, length);
        _start += length;
        return frame;
    }

    public void Dispose()
    {
        ReturnLarge();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private async ValueTask<bool> FillAsync(int needed, CancellationToken cancellation)
    {
        if (_end - _start >= needed)
            return true;
        if (_start == _end)
            (_start, _end) = (0, 0);
        if (_start + needed > BufferSize)
        {
            Move(_buffer.AsSpan(_start, _end - _start), _buffer);
            (_start, _end) = (0, _end - _start);
        }

        while (_end - _start < needed)
        {
            var room = Math.Max(Math.Min(_readAhead, BufferSize - _end), needed - (_end - _start));
            var read = await stream.ReadAsync(_buffer.AsMemory(_end, room), cancellation);
            if (read == 0)
                return false;
            idle?.NoteActivity();
            _end += read;
        }

        return true;
    }

    private async ValueTask<Memory<byte>?> ReadLargeAsync(int length, CancellationToken cancellation)
    {
        // The frame's beginning stays in the buffer until it is known where the frame stays.
        var beginning = _buffer.AsMemory(_start, _end - _start);
        (_start, _end) = (0, 0);
        var filled = beginning.Length;
        _large = ArrayPool<byte>.Shared.Rent(Math.Min(length, TrustedSize));
        while (filled < length)
        {
            if (filled == _large.Length)
            {
                var whole = ArrayPool<byte>.Shared.Rent(length);
                Move(_large.AsSpan(beginning.Length), whole.AsSpan(beginning.Length));
                ArrayPool<byte>.Shared.Return(_large);
                _large = whole;
            }

            var read = await stream.ReadAsync(_large.AsMemory(filled, Math.Min(length, _large.Length) - filled), cancellation);
            if (read == 0)
                return null;
            idle?.NoteActivity();
            filled += read;
        }

        Move(beginning.Span, _large);
        return _large.AsMemory(0, length);
    }

    private void Move(ReadOnlySpan<byte> from, Span<byte> to)
    {
        from.CopyTo(to);
        Moved += from.Length;
    }

    private void ReturnLarge()
    {
        if (_large is not null)
            ArrayPool<byte>.Shared.Return(_large);
        _large = null;
    }
}
