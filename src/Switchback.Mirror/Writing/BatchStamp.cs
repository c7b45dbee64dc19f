using System.Runtime.InteropServices;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Writing;

/// <summary>Makes a batch that was fetched one of ours, in place: its records are not touched.</summary>
internal static class BatchStamp
{
    /// <summary>
    /// Whether a broker takes the batch as it is: it declares as many records as offsets, and create time. One with a delete horizon in
    /// place of its first timestamp was through a cleaner, and no producer's batch looks so.
    /// </summary>
    public static bool CanPass(RecordBatchHeader header) =>
        header.RecordsCount == header.LastOffsetDelta + 1 && !header.IsLogAppendTime && !header.HasDeleteHorizon;

    /// <summary>Renews offset, leader epoch, producer, transactional bit and checksum. The fetch response's array is ours alone.</summary>
    public static void Apply(RecordBatch batch, ProducerIdentity producer, int sequence)
    {
        var bytes = MemoryMarshal.AsMemory(batch.Bytes).Span;
        RecordBatchPatch.SetBaseOffset(bytes, 0);
        RecordBatchPatch.SetPartitionLeaderEpoch(bytes, -1);
        RecordBatchPatch.SetAttributes(bytes, batch.Header.Attributes & ~BatchAttributes.Transactional);
        RecordBatchPatch.SetProducer(bytes, producer.Id, producer.Epoch, sequence);
        RecordBatchPatch.WriteCrc(bytes);
    }

    /// <summary>Sequences count records and wrap to 0.</summary>
    public static int Advance(int sequence, int records) => (int)(((long)sequence + records) & int.MaxValue);
}
