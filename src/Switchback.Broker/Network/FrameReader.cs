using System.Buffers;
using System.Buffers.Binary;

namespace Switchback.Broker.Network;

/// <summary>Cuts a connection's bytes into frames. A frame declared larger than allowed is refused before any of it is read.</summary>
internal sealed class FrameReader(Stream stream) : IDisposable
{
    private const int BufferSize = 64 * 1024;

    /// <summary>A frame up to this size gets its memory at once; a larger one as its bytes arrive, so that a bare promise costs nothing.</summary>
    private const int TrustedSize = 2 << 20;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private byte[]? _large;
    private int _start;
    private int _end;

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
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        while (_end - _start < needed)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end, BufferSize - _end), cancellation);
            if (read == 0)
                return false;
            _end += read;
        }

        return true;
    }

    private async ValueTask<Memory<byte>?> ReadLargeAsync(int length, CancellationToken cancellation)
    {
        _large = ArrayPool<byte>.Shared.Rent(Math.Min(length, TrustedSize));
        var filled = _end - _start;
        _buffer.AsSpan(_start, filled).CopyTo(_large);
        (_start, _end) = (0, 0);
        while (filled < length)
        {
            if (filled == _large.Length)
                GrowLarge(length);
            var read = await stream.ReadAsync(_large.AsMemory(filled, Math.Min(length, _large.Length) - filled), cancellation);
            if (read == 0)
                return null;
            filled += read;
        }

        return _large.AsMemory(0, length);
    }

    private void GrowLarge(int length)
    {
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, _large!.Length * 2L));
        _large.CopyTo(grown, 0);
        ArrayPool<byte>.Shared.Return(_large);
        _large = grown;
    }

    private void ReturnLarge()
    {
        if (_large is not null)
            ArrayPool<byte>.Shared.Return(_large);
        _large = null;
    }
}
