using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Storage;

/// <content>Reading: by offset for a fetch, by time for ListOffsets.</content>
internal sealed partial class PartitionLog
{
    /// <summary>
    /// The bytes from an offset on, at most <paramref name="maxBytes"/> of them; where <paramref name="wholeFirst"/>, at least the first batch whole.
    /// </summary>
    /// <param name="offset">The first offset wanted; the bytes may begin earlier, with the batch that holds it.</param>
    /// <param name="maxBytes">The most bytes to answer.</param>
    /// <param name="wholeFirst">Whether a first batch larger than that is answered all the same.</param>
    /// <param name="limit">Records at or after this offset are not answered.</param>
    /// <param name="slice">Where the bytes are.</param>
    public KafkaError Read(long offset, int maxBytes, bool wholeFirst, long limit, out LogSlice slice)
    {
        slice = LogSlice.Empty;
        lock (_gate)
        {
            if (offset < StartOffset || offset > EndOffset)
                return KafkaError.OffsetOutOfRange;
            if (offset >= limit || _segments.Count == 0)
                return KafkaError.None;
            try
            {
                slice = Find(offset, maxBytes, wholeFirst, limit);
                return KafkaError.None;
            }
            catch (IOException)
            {
                return KafkaError.KafkaStorageError;
            }
        }
    }

    /// <summary>The aborted transactions a reader meets between two offsets.</summary>
    public List<AbortedRange> AbortedBetween(long from, long to)
    {
        lock (_gate)
            return [.. _segments.SelectMany(s => s.Aborted.Ranges).Where(r => r.LastOffset >= from && r.FirstOffset < to)];
    }

    /// <summary>The first record at or after a time; null when there is none.</summary>
    public (long Offset, long Timestamp)? FindByTime(long timestamp)
    {
        lock (_gate)
        {
            foreach (var segment in _segments)
            {
                if (segment.Times.MaxTimestamp < timestamp)
                    continue;
                var start = segment.Offsets.PositionFor(segment.Times.OffsetBefore(timestamp));
                var found = SegmentScanner.Find(segment, start, h => h.MaxTimestamp >= timestamp && h.LastOffset >= StartOffset && !h.IsControl);
                if (found is { } batch)
                    return FirstRecord(SegmentScanner.Read(segment, batch.Header, batch.Position), r => r.Timestamp >= timestamp && r.Offset >= StartOffset);
            }

            return null;
        }
    }

    /// <summary>The record with the largest timestamp; null when the log is empty.</summary>
    public (long Offset, long Timestamp)? FindMaxTimestamp()
    {
        lock (_gate)
        {
            var segment = _segments.Where(s => s.Times.MaxTimestamp >= 0).MaxBy(s => s.Times.MaxTimestamp);
            if (segment is null || EndOffset == StartOffset)
                return null;
            var largest = segment.Times.MaxTimestamp;
            var found = SegmentScanner.Find(segment, 0, h => h.MaxTimestamp == largest);
            return found is { } batch ? FirstRecord(SegmentScanner.Read(segment, batch.Header, batch.Position), r => r.Timestamp >= largest) : null;
        }
    }

    /// <summary>Reads all batches, for what the cluster keeps in logs of its own.</summary>
    public void ReadAll(Action<RecordBatch> visit)
    {
        lock (_gate)
        {
            foreach (var segment in _segments)
            {
                SegmentScanner.ReadSound(segment, (batch, _) =>
                {
                    if (batch.Header.LastOffset >= StartOffset)
                        visit(batch);
                });
            }
        }
    }

    private LogSlice Find(long offset, int maxBytes, bool wholeFirst, long limit)
    {
        for (var i = SegmentIndex(offset); i < _segments.Count; i++)
        {
            var segment = _segments[i];
            var from = SegmentScanner.PositionOf(segment, offset);
            var to = limit >= EndOffset ? segment.Size : EndPosition(segment, limit);
            if (from < to)
                return new LogSlice(segment.Handle, from, Fit(segment, from, to, maxBytes, wholeFirst));
        }

        return LogSlice.Empty;
    }

    private static (long Offset, long Timestamp)? FirstRecord(RecordBatch batch, Func<Record, bool> condition)
    {
        foreach (var record in batch.ReadRecords())
        {
            if (condition(record))
                return (record.Offset, record.Timestamp);
        }

        return null;
    }

    private static int EndPosition(LogSegment segment, long limit) =>
        limit <= segment.BaseOffset ? 0 : SegmentScanner.PositionOf(segment, limit);

    private static int Fit(LogSegment segment, int from, int to, int maxBytes, bool wholeFirst)
    {
        var available = to - from;
        if (available <= maxBytes)
            return available;
        if (!wholeFirst || maxBytes < 0)
            return Math.Max(maxBytes, 0);
        var first = SegmentScanner.Find(segment, from, _ => true);
        return first is { } batch ? (int)Math.Min(Math.Max(batch.Header.TotalSize, maxBytes), available) : available;
    }

    private int SegmentIndex(long offset)
    {
        var index = _segments.Count - 1;
        while (index > 0 && _segments[index].BaseOffset > offset)
            index--;
        return index;
    }
}
