namespace Switchback.Kafka.Wire;

/// <content>Variable-length integers, and every value that begins with a length.</content>
public ref partial struct WireReader
{
    /// <summary>Reads an unsigned variable-length integer of at most five bytes.</summary>
    public uint ReadUnsignedVarint()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var next = (byte)ReadInt8();
            value |= (uint)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
            {
                if (shift == 28 && next > 0x0f)
                    break;
                return Failed ? 0 : value;
            }
        }

        Fail("variable-length integer does not fit 32 bits");
        return 0;
    }

    /// <summary>Reads a zigzag variable-length 32-bit integer, as records use.</summary>
    public int ReadVarint()
    {
        var raw = ReadUnsignedVarint();
        return (int)(raw >> 1) ^ -(int)(raw & 1);
    }

    /// <summary>Reads a zigzag variable-length 64-bit integer, as records use.</summary>
    public long ReadVarlong()
    {
        ulong raw = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = (byte)ReadInt8();
            raw |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
            {
                if (shift == 63 && next > 1)
                    break;
                return Failed ? 0 : (long)(raw >> 1) ^ -(long)(raw & 1);
            }
        }

        Fail("variable-length integer does not fit 64 bits");
        return 0;
    }

    /// <summary>Reads a string that must not be null; an empty one on failure.</summary>
    public string ReadString(bool flexible) => ReadNullableString(flexible, false) ?? "";

    /// <summary>Reads a string that may be null where <paramref name="nullable"/>.</summary>
    public string? ReadNullableString(bool flexible, bool nullable = true)
    {
        var length = flexible ? ReadCompactLength() : ReadInt16();
        if (Failed || !CheckNull(length, nullable))
            return nullable ? null : "";
        if (length > short.MaxValue)
            Fail($"string of {length} bytes; the longest is {short.MaxValue}");
        return length < 0 ? null : ReadUtf8(length);
    }

    /// <summary>Reads bytes that must not be null, as a slice of the input.</summary>
    public ReadOnlyMemory<byte> ReadBytes(bool flexible) => ReadNullableBytes(flexible, false) ?? default;

    /// <summary>Reads bytes that may be null where <paramref name="nullable"/>, as a slice of the input.</summary>
    public ReadOnlyMemory<byte>? ReadNullableBytes(bool flexible, bool nullable = true)
    {
        var length = flexible ? ReadCompactLength() : ReadInt32();
        if (Failed || !CheckNull(length, nullable) || length < 0)
            return null;
        return ReadRaw(length);
    }

    /// <summary>
    /// Reads the count of a list: -1 for null, else no more than the bytes left can hold at
    /// <paramref name="leastElementSize"/> bytes an element.
    /// </summary>
    public int ReadCount(bool flexible, bool nullable, int leastElementSize)
    {
        var count = flexible ? ReadCompactLength() : ReadInt32();
        if (Failed || !CheckNull(count, nullable))
            return 0;
        if (count > Remaining / leastElementSize)
        {
            Fail($"list of {count} elements declared, {Remaining} bytes left");
            return 0;
        }

        return count;
    }

    /// <summary>Reads the byte before a nullable struct: whether one follows.</summary>
    public bool ReadPresence(bool nullable)
    {
        var presence = ReadInt8();
        if (presence < 0 && !nullable)
            Fail("null where a value is required");
        return presence >= 0 && !Failed;
    }

    /// <summary>Reads how many tagged fields follow.</summary>
    public uint ReadTagCount()
    {
        var count = ReadUnsignedVarint();
        if (count > (uint)Remaining / 2)
        {
            Fail($"{count} tagged fields declared, {Remaining} bytes left");
            return 0;
        }

        return count;
    }

    /// <summary>Reads the size of a tagged field and answers the position where the field ends.</summary>
    public int ReadTagEnd()
    {
        var size = ReadUnsignedVarint();
        if (size > (uint)Remaining)
            Fail($"tagged field of {size} bytes declared, {Remaining} left");
        return Failed ? _position : _position + (int)size;
    }

    /// <summary>Fails unless a known tagged field ended where its size said.</summary>
    public void ExpectTagEnd(int end)
    {
        if (!Failed && _position != end)
            Fail($"tagged field ends at {_position} instead of {end}");
    }

    /// <summary>Keeps a tagged field the schema does not know.</summary>
    public TaggedField ReadUnknownTag(uint tag, int end) => new(tag, ReadRaw(end - _position));

    /// <summary>Passes over a section of tagged fields, as a flexible header ends with.</summary>
    public void SkipTags()
    {
        for (var tags = ReadTagCount(); tags > 0 && !Failed; tags--)
        {
            ReadUnsignedVarint();
            ReadRaw(ReadTagEnd() - _position);
        }
    }

    private int ReadCompactLength()
    {
        var raw = ReadUnsignedVarint();
        if (raw > int.MaxValue)
            Fail($"length {raw} does not fit 31 bits");
        return Failed ? 0 : (int)raw - 1;
    }

    private bool CheckNull(int length, bool nullable)
    {
        if (length < -1)
            Fail($"negative length {length}");
        else if (length == -1 && !nullable)
            Fail("null where a value is required");
        return !Failed;
    }
}
