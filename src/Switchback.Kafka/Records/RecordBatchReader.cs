using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Records;

/// <summary>Walks the batches of a fetch response, a produce request or a log segment.</summary>
public static class RecordBatchReader
{
    /// <summary>
    /// The whole batches in order. A batch cut off at the end, as a fetch response may have, ends the walk: <paramref name="bytes"/> beyond
    /// the batches answered are its beginning.
    /// </summary>
    /// <exception cref="WireFormatException">A batch has a length no batch can have, or an old magic.</exception>
    public static IEnumerable<RecordBatch> ReadBatches(ReadOnlyMemory<byte> bytes)
    {
        while (TryReadBatch(bytes, out var batch))
        {
            yield return batch;
            bytes = bytes[batch.Bytes.Length..];
        }
    }

    /// <summary>Reads the first batch; false when it is not there whole.</summary>
    /// <exception cref="WireFormatException">It has a length no batch can have, or an old magic.</exception>
    public static bool TryReadBatch(ReadOnlyMemory<byte> bytes, out RecordBatch batch)
    {
        batch = default;
        if (!RecordBatchHeader.TryRead(bytes.Span, out var header))
            return false;
        if (header.Magic != 2)
            throw new WireFormatException($"record batch at offset {header.BaseOffset} has magic {header.Magic}; only 2 is supported");
        if (header.TotalSize < RecordBatchHeader.Size)
            throw new WireFormatException($"record batch at offset {header.BaseOffset} declares a length of {header.BatchLength} bytes");
        if (header.TotalSize > bytes.Length)
            return false;
        batch = new RecordBatch(header, bytes[..(int)header.TotalSize]);
        return true;
    }
}
