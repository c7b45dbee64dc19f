using System.Runtime.InteropServices;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Writing;

/// <summary>Makes a batch one of ours, in place: its records are not touched, and not even looked at.</summary>
internal static class BatchStamp
{
    /// <summary>
    /// Whether a broker takes the batch as it is: it declares as many records as offsets, and create time. One with a delete horizon in
    /// place of its first timestamp was through a cleaner, and no producer's batch looks so.
    /// </summary>
    public static bool CanPass(RecordBatchHeader header) =>
        header.RecordsCount == header.LastOffsetDelta + 1 && !header.IsLogAppendTime && !header.HasDeleteHorizon;

    /// <summary>
    /// Renews offset, leader epoch, producer, transactional bit and checksum. The fetch response's array is ours alone. A batch that was damaged
    /// on its way stays damaged, and the target refuses it.
    /// </summary>
    public static void Apply(ReadOnlyMemory<byte> batch, ProducerIdentity producer, int sequence)
    {
        var bytes = MemoryMarshal.AsMemory(batch).Span;
        Span<byte> before = stackalloc byte[RecordBatchHeader.Size];
        bytes[..RecordBatchHeader.Size].CopyTo(before);
        RecordBatchHeader.TryRead(bytes, out var header);
        RecordBatchPatch.SetBaseOffset(bytes, 0);
        RecordBatchPatch.SetPartitionLeaderEpoch(bytes, -1);
        RecordBatchPatch.SetAttributes(bytes, header.Attributes & ~BatchAttributes.Transactional);
        RecordBatchPatch.SetProducer(bytes, producer.Id, producer.Epoch, sequence);
        RecordBatchPatch.RenewCrc(bytes, before);
    }

    /// <summary>Sequences count records and wrap to 0.</summary>
    public static int Advance(int sequence, int records) => (int)(((long)sequence + records) & int.MaxValue);
}
