using Switchback.Kafka.Client;
using Switchback.Kafka.Records;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Positions;

/// <summary>
/// Derives a partition's position from what the target holds: the last data record of its log, the breakpoints up to it, and the source's own
/// record at the offset they give, which must be the same one. Nothing else is remembered, so nothing else can be wrong.
/// </summary>
internal sealed class PositionFinder(ClusterClient source, ClusterClient target, CheckpointLog checkpoints)
{
    // Markers of idle starts lie at the end of the log: look this far back first, then ever further.
    private const long FirstLookBack = 16;

    public async Task<PartitionPosition> FindAsync(
        TopicPartition sourcePartition, TopicPartition targetPartition, Guid sourceTopicId, IReadOnlyList<CheckpointRecord> records, CancellationToken cancellation)
    {
        var map = new OffsetMap();
        var end = await OffsetAsync(target, targetPartition, OffsetPlace.Latest, cancellation).ConfigureAwait(false);
        var beginning = await OffsetAsync(target, targetPartition, OffsetPlace.Earliest, cancellation).ConfigureAwait(false);
        var last = await FindLastAsync(targetPartition, beginning, end, cancellation).ConfigureAwait(false);
        var lastTarget = last?.Offset ?? beginning - 1;
        var announced = records.SelectMany(record => record.Breakpoints).OrderBy(b => b.Target).ToList();
        foreach (var breakpoint in announced.Where(b => b.Target <= lastTarget))
            map.Add(breakpoint);
        var stale = announced.Where(b => b.Target > lastTarget).ToList();
        if (stale.Count > 0)
            await checkpoints.RemoveAsync(targetPartition, stale, cancellation).ConfigureAwait(false);

        if (records.LastOrDefault(r => r.Breakpoints[0].Target <= lastTarget) is { } newest && newest.SourceTopicId != sourceTopicId && newest.SourceTopicId != Guid.Empty)
        {
            return new PartitionPosition(map, 0, end, -1, PartitionState.Recreated,
                $"{sourcePartition.Topic} was deleted and created again on the source; {targetPartition.Topic} holds the records of the old one. Delete it on the target to copy the new one");
        }

        if (map.Extrapolate(lastTarget) is not { } lastSource)
        {
            return last is null
                ? new PartitionPosition(map, await OffsetAsync(source, sourcePartition, OffsetPlace.Earliest, cancellation).ConfigureAwait(false), end, -1)
                : new PartitionPosition(map, 0, end, -1, PartitionState.Foreign,
                    $"{targetPartition} holds records that this link did not write; a mirror topic must be the mirror's alone");
        }

        return await VerifyAsync(sourcePartition, targetPartition, map, lastSource, last, end, cancellation).ConfigureAwait(false);
    }

    private async Task<PartitionPosition> VerifyAsync(
        TopicPartition sourcePartition, TopicPartition targetPartition, OffsetMap map, long lastSource, Record? last, long end, CancellationToken cancellation)
    {
        var sourceEnd = await OffsetAsync(source, sourcePartition, OffsetPlace.Latest, cancellation).ConfigureAwait(false);
        if (lastSource >= sourceEnd)
        {
            return new PartitionPosition(map, lastSource + 1, end, -1, PartitionState.Diverged,
                $"{sourcePartition} ends at {sourceEnd}, and its record {lastSource} had been copied: the source lost its tail");
        }

        var sourceBeginning = await OffsetAsync(source, sourcePartition, OffsetPlace.Earliest, cancellation).ConfigureAwait(false);
        if (lastSource < sourceBeginning)
        {
            return new PartitionPosition(map, sourceBeginning, end, -1)
            {
                Gap = lastSource + 1 < sourceBeginning ? new SourceGap(lastSource + 1, sourceBeginning) : null,
            };
        }

        var (original, epoch) = await ReadAsync(source, sourcePartition, lastSource, cancellation).ConfigureAwait(false);
        if (original is { } there && last is { } copied && !IsSame(there, copied))
        {
            return new PartitionPosition(map, lastSource + 1, end, epoch, PartitionState.Diverged,
                $"{sourcePartition} holds another record at {lastSource} than the one that was copied to {targetPartition} at {copied.Offset}");
        }

        return new PartitionPosition(map, lastSource + 1, end, epoch);
    }

    private async Task<Record?> FindLastAsync(TopicPartition partition, long beginning, long end, CancellationToken cancellation)
    {
        for (var lookBack = FirstLookBack; end > beginning; lookBack *= 8)
        {
            var from = Math.Max(beginning, end - lookBack);
            Record? last = null;
            for (var position = from; position < end;)
            {
                var before = position;
                foreach (var batch in await FetchAsync(target, partition, position, cancellation).ConfigureAwait(false))
                {
                    position = batch.Header.NextOffset;
                    if (!batch.Header.IsControl && batch.Header.RecordsCount > 0)
                        last = batch.ReadRecords().Last();
                }

                if (position == before)
                    break;
            }

            if (last is not null || from == beginning)
                return last;
        }

        return null;
    }

    /// <summary>The record at an offset, or null when a cleaner took it; and the leader epoch of its batch.</summary>
    private static async Task<(Record? Record, int Epoch)> ReadAsync(ClusterClient client, TopicPartition partition, long offset, CancellationToken cancellation)
    {
        foreach (var batch in await FetchAsync(client, partition, offset, cancellation).ConfigureAwait(false))
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

    private static async Task<IReadOnlyList<RecordBatch>> FetchAsync(ClusterClient client, TopicPartition partition, long offset, CancellationToken cancellation)
    {
        var fetched = await client.FetchAsync(new FetchPosition(partition, offset), new FetchSettings { MaxWait = TimeSpan.Zero }, cancellation).ConfigureAwait(false);
        return [.. RecordBatchReader.ReadBatches(fetched.Data.Records ?? default)];
    }

    private static async Task<long> OffsetAsync(ClusterClient client, TopicPartition partition, long place, CancellationToken cancellation)
    {
        var offsets = await client.ListOffsetsAsync([partition], place, IsolationLevel.ReadUncommitted, cancellation).ConfigureAwait(false);
        return offsets[partition].Offset;
    }

    private static bool IsSame(Record one, Record other) =>
        one.Timestamp == other.Timestamp
        && AreSame(one.Key, other.Key)
        && AreSame(one.Value, other.Value)
        && one.Headers.Count == other.Headers.Count
        && one.Headers.Zip(other.Headers).All(pair => pair.First.Key == pair.Second.Key && AreSame(pair.First.Value, pair.Second.Value));

    private static bool AreSame(ReadOnlyMemory<byte>? one, ReadOnlyMemory<byte>? other) =>
        one.HasValue == other.HasValue && one.GetValueOrDefault().Span.SequenceEqual(other.GetValueOrDefault().Span);
}
