using System.Buffers.Binary;
using System.Text;

namespace Switchback.Kafka.Wire;

/// <summary>
/// Reads protocol values from bytes a peer sent. Failure is sticky: after the first malformed value every read returns a default and nothing
/// is consumed, so a caller reads a whole message and checks <see cref="Failed"/> or calls <see cref="ThrowIfFailed"/> once. Nothing is
/// allocated for a declared length or count that the remaining bytes cannot hold. Byte fields are slices of the input, not copies.
/// </summary>
public ref partial struct WireReader
{
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _span;
    private int _position;

    /// <summary>Starts at the first byte of <paramref name="memory"/>.</summary>
    public WireReader(ReadOnlyMemory<byte> memory)
    {
        _memory = memory;
        _span = memory.Span;
    }

    /// <summary>Bytes consumed so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => Failed ? 0 : _span.Length - _position;

    /// <summary>What was wrong first, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether something malformed was met.</summary>
    public readonly bool Failed => Failure is not null;

    /// <summary>Throws if something malformed was met.</summary>
    /// <exception cref="WireFormatException">The first failure.</exception>
    public readonly void ThrowIfFailed()
    {
        if (Failure is not null)
            throw new WireFormatException(Failure);
    }

    /// <summary>Marks the input as malformed; the first reason given stays.</summary>
    public void Fail(string reason) => Failure ??= $"{reason} (at byte {_position} of {_span.Length})";

    /// <summary>Reads a byte as a truth value: anything but zero is true.</summary>
    public bool ReadBool() => ReadInt8() != 0;

    /// <summary>Reads a signed byte.</summary>
    public sbyte ReadInt8() => Take(1, out var bytes) ? (sbyte)bytes[0] : default;

    /// <summary>Reads a big-endian 16-bit integer.</summary>
    public short ReadInt16() => Take(2, out var bytes) ? BinaryPrimitives.ReadInt16BigEndian(bytes) : default;

    /// <summary>Reads a big-endian unsigned 16-bit integer.</summary>
    public ushort ReadUInt16() => Take(2, out var bytes) ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : default;

    /// <summary>Reads a big-endian 32-bit integer.</summary>
    public int ReadInt32() => Take(4, out var bytes) ? BinaryPrimitives.ReadInt32BigEndian(bytes) : default;

    /// <summary>Reads a big-endian unsigned 32-bit integer.</summary>
    public uint ReadUInt32() => Take(4, out var bytes) ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : default;

    /// <summary>Reads a big-endian 64-bit integer.</summary>
    public long ReadInt64() => Take(8, out var bytes) ? BinaryPrimitives.ReadInt64BigEndian(bytes) : default;

    /// <summary>Reads a big-endian IEEE 754 double.</summary>
    public double ReadFloat64() => Take(8, out var bytes) ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : default;

    /// <summary>Reads 16 bytes as a uuid in big-endian order, so that its text form is the one Java prints for the same bytes.</summary>
    public Guid ReadUuid() => Take(16, out var bytes) ? new Guid(bytes, bigEndian: true) : default;

    /// <summary>Reads an error code.</summary>
    public KafkaError ReadError() => (KafkaError)ReadInt16();

    /// <summary>Reads exactly <paramref name="length"/> bytes as a slice of the input.</summary>
    public ReadOnlyMemory<byte> ReadRaw(int length)
    {
        var start = _position;
        return Take(length, out _) ? _memory.Slice(start, length) : default;
    }

    /// <summary>Takes everything that is left as a slice of the input.</summary>
    public ReadOnlyMemory<byte> ReadRest() => ReadRaw(Remaining);

    private bool Take(int length, out ReadOnlySpan<byte> bytes)
    {
        if (Failure is null && (uint)length <= (uint)(_span.Length - _position))
        {
            bytes = _span.Slice(_position, length);
            _position += length;
            return true;
        }

        bytes = default;
        if (Failure is null)
            Fail($"{length} bytes wanted, {_span.Length - _position} left");
        return false;
    }

    private string ReadUtf8(int length) => Take(length, out var bytes) ? Encoding.UTF8.GetString(bytes) : "";
}
