using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Records;

/// <summary>The control batch that ends a producer's transaction in one partition.</summary>
/// <param name="Commit">Whether the transaction was committed; else aborted.</param>
/// <param name="CoordinatorEpoch">Epoch of the transaction coordinator that wrote it.</param>
public readonly record struct TransactionMarker(bool Commit, int CoordinatorEpoch)
{
    private const short AbortType = 0;
    private const short CommitType = 1;

    /// <summary>Builds the marker's batch of one control record.</summary>
    /// <param name="producerId">The producer whose transaction ends.</param>
    /// <param name="producerEpoch">Its epoch.</param>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    public byte[] Build(long producerId, short producerEpoch, long timestamp)
    {
        using var key = new WireWriter(16);
        key.WriteInt16(0);
        key.WriteInt16(Commit ? CommitType : AbortType);
        using var value = new WireWriter(16);
        value.WriteInt16(0);
        new EndTxnMarker { CoordinatorEpoch = CoordinatorEpoch }.Write(value, 0);
        using var builder = new RecordBatchBuilder
        {
            ProducerId = producerId,
            ProducerEpoch = producerEpoch,
            Attributes = BatchAttributes.Control | BatchAttributes.Transactional,
        };
        builder.Append(timestamp, key.Written, value.Written);
        return builder.Build();
    }

    /// <summary>Reads the marker of a control batch; false for any other control record.</summary>
    /// <exception cref="WireFormatException">The batch's records are malformed.</exception>
    public static bool TryRead(RecordBatch batch, out TransactionMarker marker)
    {
        marker = default;
        if (!batch.Header.IsControl)
            return false;
        foreach (var record in batch.ReadRecords())
        {
            var key = new WireReader(record.Key.GetValueOrDefault());
            key.ReadInt16();
            var type = key.ReadInt16();
            if (key.Failed || type is not (AbortType or CommitType))
                return false;
            var value = new WireReader(record.Value.GetValueOrDefault());
            value.ReadInt16();
            marker = new TransactionMarker(type == CommitType, value.ReadInt32());
            return !value.Failed;
        }

        return false;
    }
}
