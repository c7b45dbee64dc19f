using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Switchback.Kafka.Wire;

/// <summary>
/// Writes protocol values into one growing buffer rented from the shared pool; dispose it to give the buffer back. Not for several threads.
/// </summary>
public sealed partial class WireWriter : IBufferWriter<byte>, IDisposable
{
    /// <summary>From this size on a byte field is gathered instead of copied, where <see cref="Gathers"/>.</summary>
    public const int GatheredBytes = 4 << 10;

    private byte[] _buffer;
    private int _position;
    private List<(int At, ReadOnlyMemory<byte> Bytes)>? _gathered;
    private int _gatheredLength;

    /// <summary>Rents a buffer of at least <paramref name="initialCapacity"/> bytes.</summary>
    public WireWriter(int initialCapacity = 512) => _buffer = ArrayPool<byte>.Shared.Rent(initialCapacity);

    /// <summary>Whether large byte fields, and <see cref="StoredBytes"/> of any size, are not copied: they stay where they are and must not change until the message is sent, see <see cref="Segments"/>.</summary>
    public bool Gathers { get; init; }

    /// <summary>Bytes written so far into the buffer.</summary>
    public int Position => _position;

    /// <summary>Bytes of the whole message, with those that were gathered.</summary>
    public int Length => _position + _gatheredLength;

    /// <summary>What was written; valid until the next write or <see cref="Dispose"/>. Without what was gathered.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _position);

    /// <summary>Whether something was gathered, so that the message is <see cref="Segments"/>.</summary>
    public bool HasGathered => _gathered is not null;

    /// <summary>The message in pieces, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Segments()
    {
        var from = 0;
        foreach (var (at, bytes) in _gathered ?? [])
        {
            yield return _buffer.AsMemory(from, at - from);
            yield return bytes;
            from = at;
        }

        if (from < _position)
            yield return _buffer.AsMemory(from, _position - from);
    }

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Reset() => (_position, _gathered, _gatheredLength) = (0, null, 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _position = 0;
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>Writes a truth value as a byte.</summary>
    public void WriteBool(bool value) => Next(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes a signed byte.</summary>
    public void WriteInt8(sbyte value) => Next(1)[0] = (byte)value;

    /// <summary>Writes a big-endian 16-bit integer.</summary>
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Next(2), value);

    /// <summary>Writes a big-endian unsigned 16-bit integer.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Next(2), value);

    /// <summary>Writes a big-endian 32-bit integer.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Next(4), value);

    /// <summary>Writes a big-endian unsigned 32-bit integer.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);

    /// <summary>Writes a big-endian 64-bit integer.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Next(8), value);

    /// <summary>Writes a big-endian IEEE 754 double.</summary>
    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(Next(8), value);

    /// <summary>Writes a uuid in big-endian order, the order of its text form.</summary>
    public void WriteUuid(Guid value) => value.TryWriteBytes(Next(16), bigEndian: true, out _);

    /// <summary>Writes an error code.</summary>
    public void WriteError(KafkaError value) => WriteInt16((short)value);

    /// <summary>Writes bytes as they are.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Next(bytes.Length));

    /// <summary>Overwrites four bytes already written, such as a frame's length kept free.</summary>
    public void PatchInt32(int position, int value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, _position - 4);
        BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(position, 4), value);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _position));
        _position += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_position);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private Span<byte> Next(int length)
    {
        Reserve(length);
        var span = _buffer.AsSpan(_position, length);
        _position += length;
        return span;
    }

    private void Reserve(int length)
    {
        if (_buffer.Length - _position >= length)
            return;
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        var needed = checked(_position + length);
        var grown = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max((uint)needed, (uint)_buffer.Length * 2), Array.MaxLength));
        _buffer.AsSpan(0, _position).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }

    private void WriteBody(ReadOnlyMemory<byte> bytes)
    {
        var isStored = MemoryMarshal.TryGetMemoryManager<byte, StoredBytes>(bytes, out var stored);
        if (isStored && !Gathers)
        {
            stored!.Read(0, Next(bytes.Length));
            return;
        }

        if (!isStored && (!Gathers || bytes.Length < GatheredBytes))
        {
            WriteRaw(bytes.Span);
            return;
        }

        (_gathered ??= []).Add((_position, bytes));
        _gatheredLength = checked(_gatheredLength + bytes.Length);
    }

    private void WriteUtf8(string value, int length) => Encoding.UTF8.GetBytes(value, Next(length));
}
