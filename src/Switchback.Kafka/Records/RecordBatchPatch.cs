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

    /// <summary>The checksum the batch should have; <paramref name="batch"/> is exactly one batch.</summary>
    public static uint ComputeCrc(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[BatchLayout.Attributes..]);

    /// <summary>Whether the batch has the checksum it should have; <paramref name="batch"/> is exactly one batch.</summary>
    public static bool IsCrcValid(ReadOnlySpan<byte> batch) =>
        batch.Length >= RecordBatchHeader.Size && BinaryPrimitives.ReadUInt32BigEndian(batch[BatchLayout.Crc..]) == ComputeCrc(batch);
}
