using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Storage;

/// <summary>Whether what a client sent for one partition is one whole, sound record batch that Apache Kafka would take. Only the header is read.</summary>
internal static class BatchValidator
{
    private const sbyte CurrentMagic = 2;

    public static AppendResult Validate(ReadOnlySpan<byte> batch, LogSettings settings, long now, out RecordBatchHeader header)
    {
        if (!RecordBatchHeader.TryRead(batch, out header) || header.TotalSize > batch.Length || header.TotalSize < RecordBatchHeader.Size)
            return AppendResult.Refused(KafkaError.CorruptMessage, "The records are not one whole record batch.");
        if (header.Magic != CurrentMagic)
            return AppendResult.Refused(KafkaError.UnsupportedForMessageFormat, $"Record format version {header.Magic} is not supported; 2 is.");
        if (header.TotalSize < batch.Length)
            return AppendResult.Refused(KafkaError.InvalidRecord, "A partition takes one record batch in a request.");
        if (!RecordBatchPatch.IsCrcValid(batch))
            return AppendResult.Refused(KafkaError.CorruptMessage, "The record batch does not match its checksum.");
        if (header.IsControl)
            return AppendResult.Refused(KafkaError.InvalidRecord, "Clients cannot write control records.");
        if (header.RecordsCount <= 0 || header.RecordsCount != header.LastOffsetDelta + 1L)
            return AppendResult.Refused(KafkaError.InvalidRecord, $"{header.RecordsCount} records do not fit a last offset delta of {header.LastOffsetDelta}.");
        if (batch.Length > settings.MaxMessageBytes)
            return AppendResult.Refused(KafkaError.MessageTooLarge, $"The record batch has {batch.Length} bytes; max.message.bytes is {settings.MaxMessageBytes}.");
        if (header.HasProducerId && (header.ProducerEpoch < 0 || header.BaseSequence < 0))
            return AppendResult.Refused(KafkaError.InvalidRecord, "A producer id needs an epoch and a sequence.");
        return Timestamps(header, settings, now);
    }

    private static AppendResult Timestamps(in RecordBatchHeader header, LogSettings settings, long now)
    {
        if (settings.LogAppendTime)
            return default;
        if (header.IsLogAppendTime)
            return AppendResult.Refused(KafkaError.InvalidTimestamp, "A client cannot write records with the log's append time.");
        if (header.MaxTimestamp - now > settings.TimestampAfterMaxMs)
            return AppendResult.Refused(KafkaError.InvalidTimestamp, $"Timestamp {header.MaxTimestamp} is too far in the future.");
        return now - header.MaxTimestamp > settings.TimestampBeforeMaxMs && header.MaxTimestamp >= 0
            ? AppendResult.Refused(KafkaError.InvalidTimestamp, $"Timestamp {header.MaxTimestamp} is too far in the past.")
            : default;
    }
}
