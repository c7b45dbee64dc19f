using Switchback.Kafka.Records;

namespace Switchback.Mirror.Writing;

/// <summary>Writes a batch anew, record by record, where the target would refuse it as it is: same records, same codec, same timestamps.</summary>
internal static class BatchRewriter
{
    /// <summary>The batch's records from an offset on, densely, or null when there are none; and the source offset of each.</summary>
    public static (byte[] Bytes, IReadOnlyList<long> SourceOffsets, long MaxTimestamp)? Rewrite(RecordBatch batch, long fromOffset)
    {
        using var builder = new RecordBatchBuilder { Codec = batch.Header.Codec };
        var offsets = new List<long>();
        var youngest = long.MinValue;
        foreach (var record in batch.ReadRecords())
        {
            if (record.Offset < fromOffset)
                continue;
            builder.Append(record.Timestamp, record.Key, record.Value, record.Headers);
            offsets.Add(record.Offset);
            youngest = Math.Max(youngest, record.Timestamp);
        }

        return offsets.Count == 0 ? null : (builder.Build(), offsets, youngest);
    }
}
