using Switchback.Kafka.Compression;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Records;

/// <summary>One whole batch: its header and all its bytes.</summary>
/// <param name="Header">The header.</param>
/// <param name="Bytes">Header and records: a slice of what was read.</param>
public readonly record struct RecordBatch(RecordBatchHeader Header, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>How large a batch may become when decompressed, unless a caller says otherwise: 128 MiB.</summary>
    public const int DefaultDecompressedLimit = 128 << 20;

    /// <summary>Whether the checksum is right.</summary>
    public bool IsCrcValid => RecordBatchPatch.IsCrcValid(Bytes.Span);

    /// <summary>Reads the records, decompressing first where needed; lazily, in order.</summary>
    /// <param name="decompressedLimit">Largest size in bytes of the decompressed records.</param>
    /// <exception cref="WireFormatException">The records are malformed, or larger than the limit.</exception>
    public IEnumerable<Record> ReadRecords(int decompressedLimit = DefaultDecompressedLimit)
    {
        var payload = Codecs.Decompress(Header.Codec, Bytes[RecordBatchHeader.Size..], decompressedLimit);
        var position = 0;
        for (var i = 0; i < Header.RecordsCount; i++)
            yield return ReadRecord(payload, ref position);
        if (position != payload.Length)
            throw new WireFormatException($"{payload.Length - position} bytes are left after the {Header.RecordsCount} records of the batch");
    }

    private Record ReadRecord(ReadOnlyMemory<byte> payload, ref int position)
    {
        var outer = new WireReader(payload[position..]);
        var length = outer.ReadVarint();
        var reader = new WireReader(outer.ReadRaw(length));
        outer.ThrowIfFailed();
        position += outer.Position;

        reader.ReadInt8();
        var timestamp = Header.BaseTimestamp + reader.ReadVarlong();
        var offset = Header.BaseOffset + reader.ReadVarint();
        var key = ReadNullable(ref reader);
        var value = ReadNullable(ref reader);
        var headers = ReadHeaders(ref reader);
        if (reader.Remaining > 0)
            reader.Fail("record is longer than its fields");
        reader.ThrowIfFailed();
        return new Record(offset, Header.IsLogAppendTime ? Header.MaxTimestamp : timestamp, key, value, headers);
    }

    private static RecordHeader[] ReadHeaders(ref WireReader reader)
    {
        var count = reader.ReadVarint();
        if (count == 0 || reader.Failed)
            return [];
        if (count < 0 || count > reader.Remaining / 2)
        {
            reader.Fail($"{count} headers declared, {reader.Remaining} bytes left");
            return [];
        }

        var headers = new RecordHeader[count];
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            var key = ReadNullable(ref reader);
            if (key is null)
                reader.Fail("header without a key");
            headers[i] = new RecordHeader(System.Text.Encoding.UTF8.GetString(key.GetValueOrDefault().Span), ReadNullable(ref reader));
        }

        return headers;
    }

    private static ReadOnlyMemory<byte>? ReadNullable(ref WireReader reader)
    {
        var length = reader.ReadVarint();
        if (length < -1)
            reader.Fail($"negative length {length}");
        // Not "? null :", which would make null an empty slice: an array converts to a slice, and null to an array.
        return length < 0 ? default(ReadOnlyMemory<byte>?) : reader.ReadRaw(length);
    }
}
