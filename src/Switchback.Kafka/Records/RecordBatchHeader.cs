using System.Buffers.Binary;

namespace Switchback.Kafka.Records;

/// <summary>The 61 bytes in front of the records of a batch, magic 2.</summary>
/// <param name="BaseOffset">Offset of the first record when the batch was written.</param>
/// <param name="BatchLength">Bytes that follow this field: the whole batch is 12 bytes longer, see <see cref="TotalSize"/>.</param>
/// <param name="PartitionLeaderEpoch">The leader's epoch at the append; not covered by the checksum.</param>
/// <param name="Magic">Format version; 2 is the only one Kafka 4 still writes.</param>
/// <param name="Crc">CRC-32C over everything from the attributes to the end.</param>
/// <param name="Attributes">Codec, timestamp type, transactional, control.</param>
/// <param name="LastOffsetDelta">Offset of the last record relative to <paramref name="BaseOffset"/>, kept when compaction removes records.</param>
/// <param name="BaseTimestamp">What the records' timestamps count from, in ms since 1970.</param>
/// <param name="MaxTimestamp">Highest timestamp, in ms since 1970, or the append time.</param>
/// <param name="ProducerId">Idempotent producer's id, or -1.</param>
/// <param name="ProducerEpoch">Idempotent producer's epoch, or -1.</param>
/// <param name="BaseSequence">Sequence number of the first record, or -1.</param>
/// <param name="RecordsCount">How many records the batch declares.</param>
public readonly record struct RecordBatchHeader(
    long BaseOffset,
    int BatchLength,
    int PartitionLeaderEpoch,
    sbyte Magic,
    uint Crc,
    BatchAttributes Attributes,
    int LastOffsetDelta,
    long BaseTimestamp,
    long MaxTimestamp,
    long ProducerId,
    short ProducerEpoch,
    int BaseSequence,
    int RecordsCount)
{
    /// <summary>Size of the header in bytes.</summary>
    public const int Size = 61;

    /// <summary>Bytes of base offset and length, which <see cref="BatchLength"/> does not count.</summary>
    public const int LengthOverhead = 12;

    /// <summary>Bytes of the whole batch.</summary>
    public long TotalSize => (long)BatchLength + LengthOverhead;

    /// <summary>Offset of the last record the batch was written with.</summary>
    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The offset after the batch.</summary>
    public long NextOffset => LastOffset + 1;

    /// <summary>The codec of the records.</summary>
    public CompressionCodec Codec => (CompressionCodec)(Attributes & BatchAttributes.CodecMask);

    /// <summary>Whether the batch belongs to a transaction.</summary>
    public bool IsTransactional => (Attributes & BatchAttributes.Transactional) != 0;

    /// <summary>Whether the batch holds a control record.</summary>
    public bool IsControl => (Attributes & BatchAttributes.Control) != 0;

    /// <summary>Whether the timestamps are the broker's append time.</summary>
    public bool IsLogAppendTime => (Attributes & BatchAttributes.LogAppendTime) != 0;

    /// <summary>Whether the base timestamp is a delete horizon.</summary>
    public bool HasDeleteHorizon => (Attributes & BatchAttributes.DeleteHorizon) != 0;

    /// <summary>Whether an idempotent producer wrote it.</summary>
    public bool HasProducerId => ProducerId >= 0;

    /// <summary>Sequence number of the last record; sequences wrap from <see cref="int.MaxValue"/> to 0.</summary>
    public int LastSequence => BaseSequence < 0 ? -1 : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    /// <summary>Reads a header; false when fewer than <see cref="Size"/> bytes are there. Nothing is judged: look at <see cref="Magic"/> first.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out RecordBatchHeader header)
    {
        if (bytes.Length < Size)
        {
            header = default;
            return false;
        }

        header = new RecordBatchHeader(
            BinaryPrimitives.ReadInt64BigEndian(bytes),
            BinaryPrimitives.ReadInt32BigEndian(bytes[BatchLayout.BatchLength..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[BatchLayout.PartitionLeaderEpoch..]),
            (sbyte)bytes[BatchLayout.Magic],
            BinaryPrimitives.ReadUInt32BigEndian(bytes[BatchLayout.Crc..]),
            (BatchAttributes)BinaryPrimitives.ReadInt16BigEndian(bytes[BatchLayout.Attributes..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[BatchLayout.LastOffsetDelta..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[BatchLayout.BaseTimestamp..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[BatchLayout.MaxTimestamp..]),
            BinaryPrimitives.ReadInt64BigEndian(bytes[BatchLayout.ProducerId..]),
            BinaryPrimitives.ReadInt16BigEndian(bytes[BatchLayout.ProducerEpoch..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[BatchLayout.BaseSequence..]),
            BinaryPrimitives.ReadInt32BigEndian(bytes[BatchLayout.RecordsCount..]));
        return true;
    }

    /// <summary>Writes the header as it is, with the <see cref="Crc"/> it has; see <see cref="RecordBatchPatch.WriteCrc"/>.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchLayout.BatchLength..], BatchLength);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchLayout.PartitionLeaderEpoch..], PartitionLeaderEpoch);
        bytes[BatchLayout.Magic] = (byte)Magic;
        BinaryPrimitives.WriteUInt32BigEndian(bytes[BatchLayout.Crc..], Crc);
        BinaryPrimitives.WriteInt16BigEndian(bytes[BatchLayout.Attributes..], (short)Attributes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchLayout.LastOffsetDelta..], LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(bytes[BatchLayout.BaseTimestamp..], BaseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(bytes[BatchLayout.MaxTimestamp..], MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(bytes[BatchLayout.ProducerId..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(bytes[BatchLayout.ProducerEpoch..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchLayout.BaseSequence..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(bytes[BatchLayout.RecordsCount..], RecordsCount);
    }
}
