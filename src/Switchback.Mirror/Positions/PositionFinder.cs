using Switchback.Kafka.Client;
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

    private readonly PartitionReader _source = new(source);
    private readonly PartitionReader _target = new(target);

    public async Task<PartitionPosition> FindAsync(
        TopicPartition sourcePartition, TopicPartition targetPartition, Guid sourceTopicId, IReadOnlyList<CheckpointRecord> records, CancellationToken cancellation)
    {
        var end = await _target.EndAsync(targetPartition, cancellation).ConfigureAwait(false);
        var beginning = await _target.BeginningAsync(targetPartition, cancellation).ConfigureAwait(false);
        var last = await FindLastAsync(targetPartition, beginning, end, cancellation).ConfigureAwait(false);

        // With no record left, all that lies before the beginning was there: a breakpoint at the beginning itself tells more than the one before.
        var reached = last ?? beginning;
        var map = await SettleAsync(targetPartition, records, reached, beginning, cancellation).ConfigureAwait(false);
        if (map.Extrapolate(reached) is not { } place)
        {
            return last is null
                ? new PartitionPosition(map, await _source.BeginningAsync(sourcePartition, cancellation).ConfigureAwait(false), end, -1)
                : new PartitionPosition(map, 0, end, -1, PartitionState.Foreign,
                    $"{targetPartition} holds records that this link did not write; a mirror topic must be the mirror's alone");
        }

        var next = last is null ? place : place + 1;
        var newest = records.Last(r => r.Breakpoints[0].Target <= reached);
        if (newest.SourceTopicId != sourceTopicId && newest.SourceTopicId != Guid.Empty)
        {
            var first = await _source.BeginningAsync(sourcePartition, cancellation).ConfigureAwait(false);
            return new PartitionPosition(map, first, end, -1)
            {
                Cut = new SourceCut(0, next, true),
                Gap = first > 0 ? new SourceGap(0, first) : null,
            };
        }

        return await VerifyAsync(sourcePartition, targetPartition, map, next, last, end, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// The breakpoints that count. Those whose records never arrived are taken back; of those whose records are all deleted, the last one is kept.
    /// </summary>
    private async Task<OffsetMap> SettleAsync(
        TopicPartition partition, IReadOnlyList<CheckpointRecord> records, long reached, long beginning, CancellationToken cancellation)
    {
        var needed = records.LastOrDefault(r => r.Breakpoints[0].Target <= Math.Min(beginning, reached));
        var map = new OffsetMap();
        var useless = new List<Breakpoint>();
        foreach (var record in records)
        {
            var first = record.Breakpoints[0];
            if (first.Target > reached || (needed is not null && first.Target < needed.Breakpoints[0].Target))
                useless.Add(first);
            else
                record.Breakpoints.ToList().ForEach(map.Add);
        }

        if (useless.Count > 0)
            await checkpoints.RemoveAsync(partition, useless, cancellation).ConfigureAwait(false);
        return map;
    }

    private async Task<PartitionPosition> VerifyAsync(
        TopicPartition sourcePartition, TopicPartition targetPartition, OffsetMap map, long next, long? last, long end, CancellationToken cancellation)
    {
        var sourceEnd = await _source.EndAsync(sourcePartition, cancellation).ConfigureAwait(false);
        var sourceBeginning = await _source.BeginningAsync(sourcePartition, cancellation).ConfigureAwait(false);
        if (next < sourceBeginning)
            return new PartitionPosition(map, sourceBeginning, end, -1) { Gap = new SourceGap(next, sourceBeginning) };

        var search = new CommonPrefix(_source, sourcePartition, _target, targetPartition, map);
        if (next <= sourceEnd && (last is null || await search.AgreesAsync(next - 1, cancellation).ConfigureAwait(false) is not false))
            return new PartitionPosition(map, next, end, search.Epoch);
        var cut = await search.FindEndAsync(sourceBeginning, Math.Min(next, sourceEnd), cancellation).ConfigureAwait(false);
        return new PartitionPosition(map, cut, end, search.Epoch) { Cut = new SourceCut(cut, next, false) };
    }

    /// <summary>The offset of the last data record there was, or null when the log holds markers only.</summary>
    private async Task<long?> FindLastAsync(TopicPartition partition, long beginning, long end, CancellationToken cancellation)
    {
        for (var lookBack = FirstLookBack; end > beginning; lookBack *= 8)
        {
            var from = Math.Max(beginning, end - lookBack);
            long? last = null;
            for (var position = from; position < end;)
            {
                var before = position;
                foreach (var batch in await _target.FetchAsync(partition, position, cancellation).ConfigureAwait(false))
                {
                    position = batch.Header.NextOffset;

                    // A cleaner may take a batch's last records, and keeps its header.
                    if (!batch.Header.IsControl)
                        last = batch.Header.LastOffset;
                }

                if (position == before)
                    break;
            }

            if (last is not null || from == beginning)
                return last;
        }

        return null;
    }
}
