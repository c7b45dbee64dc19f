using System.Text;

namespace Switchback.Kafka.Wire;

/// <content>Variable-length integers, and every value that begins with a length.</content>
public sealed partial class WireWriter
{
    /// <summary>Bytes an unsigned variable-length integer takes: one to five.</summary>
    public static int UnsignedVarintSize(uint value) => (38 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <summary>Writes an unsigned variable-length integer.</summary>
    public void WriteUnsignedVarint(uint value)
    {
        var span = Next(UnsignedVarintSize(value));
        var i = 0;
        for (; value > 0x7f; value >>= 7)
            span[i++] = (byte)(value | 0x80);
        span[i] = (byte)value;
    }

    /// <summary>Writes a zigzag variable-length 32-bit integer, as records use.</summary>
    public void WriteVarint(int value) => WriteUnsignedVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes a zigzag variable-length 64-bit integer, as records use.</summary>
    public void WriteVarlong(long value)
    {
        var raw = (ulong)((value << 1) ^ (value >> 63));
        for (; raw > 0x7f; raw >>= 7)
            WriteInt8((sbyte)(byte)(raw | 0x80));
        WriteInt8((sbyte)raw);
    }

    /// <summary>Writes a string of at most 32,767 bytes.</summary>
    /// <exception cref="InvalidOperationException">It is longer.</exception>
    public void WriteString(string value, bool flexible)
    {
        ArgumentNullException.ThrowIfNull(value);
        var length = Encoding.UTF8.GetByteCount(value);
        if (length > short.MaxValue)
            throw new InvalidOperationException($"a string of {length} bytes cannot be sent; the longest is {short.MaxValue}");
        if (flexible)
            WriteUnsignedVarint((uint)length + 1);
        else
            WriteInt16((short)length);
        WriteUtf8(value, length);
    }

    /// <summary>Writes a string or null.</summary>
    public void WriteNullableString(string? value, bool flexible)
    {
        if (value is not null)
            WriteString(value, flexible);
        else if (flexible)
            WriteUnsignedVarint(0);
        else
            WriteInt16(-1);
    }

    /// <summary>Writes bytes with their length.</summary>
    public void WriteBytes(ReadOnlyMemory<byte> value, bool flexible)
    {
        WriteCount(value.Length, flexible);
        WriteBody(value);
    }

    /// <summary>Writes bytes with their length, or null.</summary>
    public void WriteNullableBytes(ReadOnlyMemory<byte>? value, bool flexible)
    {
        if (value is { } bytes)
            WriteBytes(bytes, flexible);
        else
            WriteCount(-1, flexible);
    }

    /// <summary>Writes the count of a list; -1 for null.</summary>
    public void WriteCount(int count, bool flexible)
    {
        if (flexible)
            WriteUnsignedVarint((uint)(count + 1));
        else
            WriteInt32(count);
    }

    /// <summary>Puts a variable-length size in front of everything written since <paramref name="start"/>.</summary>
    public void InsertLength(int start)
    {
        var length = _position - start;
        var size = UnsignedVarintSize((uint)length);
        Next(size);
        _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(start + size));
        var end = _position;
        _position = start;
        WriteUnsignedVarint((uint)length);
        _position = end;
    }

    /// <summary>Writes kept tagged fields from <paramref name="next"/> on whose tags are below <paramref name="limit"/>.</summary>
    public void WriteUnknownTags(IReadOnlyList<TaggedField>? tags, ref int next, uint limit)
    {
        for (; tags is not null && next < tags.Count && (tags[next].Tag < limit || limit == uint.MaxValue); next++)
        {
            WriteUnsignedVarint(tags[next].Tag);
            WriteUnsignedVarint((uint)tags[next].Value.Length);
            WriteRaw(tags[next].Value.Span);
        }
    }
}
