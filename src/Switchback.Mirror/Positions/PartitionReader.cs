using Switchback.Kafka.Client;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Positions;

/// <summary>Looks at single places of a cluster's logs.</summary>
internal sealed class PartitionReader(ClusterClient client)
{
    public Task<long> BeginningAsync(TopicPartition partition, CancellationToken cancellation) => OffsetAsync(partition, OffsetPlace.Earliest, cancellation);

    public Task<long> EndAsync(TopicPartition partition, CancellationToken cancellation) => OffsetAsync(partition, OffsetPlace.Latest, cancellation);

    /// <summary>The record at an offset, or null where there is a marker, or a cleaner took it; and the leader epoch of its batch.</summary>
    public async Task<(Record? Record, int Epoch)> ReadAsync(TopicPartition partition, long offset, CancellationToken cancellation)
    {
        foreach (var batch in await FetchAsync(partition, offset, cancellation).ConfigureAwait(false))
        {
            if (batch.Header.BaseOffset > offset)
                break;
            if (batch.Header.LastOffset < offset || batch.Header.IsControl)
                continue;
            foreach (var record in batch.ReadRecords())
            {
                if (record.Offset == offset)
                    return (record, batch.Header.PartitionLeaderEpoch);
            }
        }

        return (null, -1);
    }

    public async Task<IReadOnlyList<RecordBatch>> FetchAsync(TopicPartition partition, long offset, CancellationToken cancellation)
    {
        var fetched = await client.FetchAsync(new FetchPosition(partition, offset), new FetchSettings { MaxWait = TimeSpan.Zero }, cancellation).ConfigureAwait(false);
        return [.. RecordBatchReader.ReadBatches(fetched.Data.Records ?? default)];
    }

    private async Task<long> OffsetAsync(TopicPartition partition, long place, CancellationToken cancellation)
    {
        var offsets = await client.ListOffsetsAsync([partition], place, IsolationLevel.ReadUncommitted, cancellation).ConfigureAwait(false);
        return offsets[partition].Offset;
    }
}
