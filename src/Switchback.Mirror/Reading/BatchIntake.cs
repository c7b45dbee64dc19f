using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;
using Switchback.Mirror.Links;
using Switchback.Mirror.Positions;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Reading;

/// <summary>Turns what was fetched for one partition into batches to write, in order, with the breakpoints that lead to them.</summary>
internal sealed class BatchIntake(CheckpointLog checkpoints, LinkCounters counters, CancellationToken cancellation)
{
    /// <exception cref="WireFormatException">The source sent a batch that is damaged; one that passes as it is, is judged by the target.</exception>
    public void Take(PartitionMirror partition, FetchResponse.PartitionData data, ResponseBuffer buffer)
    {
        var committed = new CommittedBatches(data.AbortedTransactions);
        foreach (var batch in RecordBatchReader.ReadBatches(data.Records ?? default))
        {
            var header = batch.Header;
            if (header.LastOffset < partition.FetchOffset)
                continue;
            if (committed.Takes(batch))
                Copy(partition, batch, buffer);
            partition.FetchedEpoch = header.PartitionLeaderEpoch;
            partition.SkipTo(header.NextOffset);
        }
    }

    private void Copy(PartitionMirror partition, RecordBatch batch, ResponseBuffer buffer)
    {
        var header = batch.Header;
        if (header.BaseOffset >= partition.FetchOffset && BatchStamp.CanPass(header))
        {
            var passing = Announce(partition, [header.BaseOffset]);
            buffer.Hold();
            Enqueue(partition, batch.Bytes, header.RecordsCount, header.MaxTimestamp, header.NextOffset, passing, BatchJoiner.Takes(header), buffer);
            return;
        }

        if (!batch.IsCrcValid)
            throw new WireFormatException($"{partition.Source}: the batch at offset {header.BaseOffset} has a wrong checksum");
        if (BatchRewriter.Rewrite(batch, partition.FetchOffset) is { } rewritten)
        {
            counters.AddRewritten();
            var announced = Announce(partition, rewritten.SourceOffsets);
            Enqueue(partition, rewritten.Bytes, rewritten.SourceOffsets.Count, rewritten.MaxTimestamp, header.NextOffset, announced, false, null);
        }
    }

    private static void Enqueue(
        PartitionMirror partition, ReadOnlyMemory<byte> bytes, int records, long maxTimestamp, long nextSource, Task announced, bool canJoin, ResponseBuffer? buffer) =>
        partition.Enqueue(new OutgoingBatch(bytes, records, partition.PlannedTarget, partition.Sequence, maxTimestamp, canJoin, announced, buffer) { NextSource = nextSource });

    /// <summary>Notes where source and target offsets stop growing together: a breakpoint each time.</summary>
    private Task Announce(PartitionMirror partition, IReadOnlyList<long> sourceOffsets)
    {
        var target = partition.PlannedTarget;
        List<Breakpoint>? breakpoints = null;
        var expected = partition.Map.Extrapolate(target) ?? -1;
        foreach (var source in sourceOffsets)
        {
            if (source != expected)
            {
                var breakpoint = new Breakpoint(target, source);
                partition.Map.Add(breakpoint);
                (breakpoints ??= []).Add(breakpoint);
            }

            expected = source + 1;
            target++;
        }

        return breakpoints is null
            ? Task.CompletedTask
            : checkpoints.WriteAsync(new CheckpointRecord(partition.Target, partition.SourceTopicId, breakpoints), cancellation);
    }
}
