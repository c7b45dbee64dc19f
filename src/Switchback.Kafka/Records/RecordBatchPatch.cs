using System.Buffers.Binary;

namespace Switchback.Kafka.Records;

/// <summary>
/// Overwrites header fields of one whole batch in place. Base offset and leader epoch lie before the checksummed part; after any other change
/// call <see cref="WriteCrc"/>.
/// </summary>
public static class RecordBatchPatch
{
    /// <summary>Sets the base offset; the checksum stays right.</summary>
    public static void SetBaseOffset(Span<byte> batch, long offset) => BinaryPrimitives.WriteInt64BigEndian(batch, offset);

    /// <summary>Sets the partition leader epoch; the checksum stays right.</summary>
    public static void SetPartitionLeaderEpoch(Span<byte> batch, int epoch) =>
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchLayout.PartitionLeaderEpoch..], epoch);

    /// <summary>Sets the attributes.</summary>
    public static void SetAttributes(Span<byte> batch, BatchAttributes attributes) =>
        BinaryPrimitives.WriteInt16BigEndian(batch[BatchLayout.Attributes..], (short)attributes);

    /// <summary>Sets the max timestamp, in ms since 1970.</summary>
    public static void SetMaxTimestamp(Span<byte> batch, long timestamp) =>
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchLayout.MaxTimestamp..], timestamp);

    /// <summary>Sets whose batch it is and its place in that producer's sequence.</summary>
    public static void SetProducer(Span<byte> batch, long producerId, short producerEpoch, int baseSequence)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchLayout.ProducerId..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[BatchLayout.ProducerEpoch..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchLayout.BaseSequence..], baseSequence);
    }

    /// <summary>Computes the checksum and writes it; <paramref name="batch"/> is exactly one batch.</summary>
    public static void WriteCrc(Span<byte> batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch[BatchLayout.Crc..], ComputeCrc(batch));

    /// <summary>
    /// Renews the checksum after fields of the header were changed, without a look at the records: a batch that was damaged before stays damaged, for its reader to find.
    /// </summary>
    /// <param name="batch">Exactly one batch, whose checksum is that of its header before.</param>
    /// <param name="before">The header before, <see cref="RecordBatchHeader.Size"/> bytes.</param>
    public static void RenewCrc(Span<byte> batch, ReadOnlySpan<byte> before)
    {
        Span<byte> difference = stackalloc byte[RecordBatchHeader.Size - BatchLayout.Attributes];
        for (var i = 0; i < difference.Length; i++)
            difference[i] = (byte)(batch[BatchLayout.Attributes + i] ^ before[BatchLayout.Attributes + i]);
        var crc = BinaryPrimitives.ReadUInt32BigEndian(batch[BatchLayout.Crc..]);
        BinaryPrimitives.WriteUInt32BigEndian(batch[BatchLayout.Crc..], Crc32C.Change(crc, difference, batch.Length - RecordBatchHeader.Size));
    }

    /// <summary>The checksum the batch should have; <paramref name="batch"/> is exactly one batch.</summary>
    public static uint ComputeCrc(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[BatchLayout.Attributes..]);

    /// <summary>Whether the batch has the checksum it should have; <paramref name="batch"/> is exactly one batch.</summary>
    public static bool IsCrcValid(ReadOnlySpan<byte> batch) =>
        batch.Length >= RecordBatchHeader.Size && BinaryPrimitives.ReadUInt32BigEndian(batch[BatchLayout.Crc..]) == ComputeCrc(batch);
}
