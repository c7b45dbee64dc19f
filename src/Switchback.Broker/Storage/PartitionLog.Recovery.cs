using Switchback.Kafka.Records;

namespace Switchback.Broker.Storage;

/// <content>Opening a log as a crash left it.</content>
internal sealed partial class PartitionLog
{
    private string StartOffsetPath => Path.Combine(_directory, LogFiles.StartOffset);

    private void Recover(bool afterPowerLoss)
    {
        _epochs.Load();
        foreach (var offset in LogFiles.SegmentOffsets(_directory))
            _segments.Add(LogSegment.Open(_directory, offset));
        if (_segments.Count == 0)
            return;
        foreach (var closed in _segments.SkipLast(1))
        {
            if (!closed.LoadIndexes())
                RebuildIndexes(closed);
        }

        LoadRecoveryPoint();
        if (afterPowerLoss)
            LosePower();
        LoadProducers();
        EndOffset = Active.BaseOffset;
        var sound = SegmentScanner.ReadSound(Active, Replay);
        _producers.KeepLast();
        if (sound < Active.Size)
            Active.TruncateTo(sound);
        if (RecoveryPoint > EndOffset)
            NoteFlushed(EndOffset);
        StartOffset = Math.Max(LoadStartOffset(), _segments[0].BaseOffset);
        if (StartOffset > EndOffset)
            BeginAnewAt(StartOffset);
        _epochs.TruncateTo(EndOffset);
    }

    /// <summary>What was deleted on request outlived the records behind it: the log goes on, empty, where it was to begin. Offsets are not given out twice.</summary>
    private void BeginAnewAt(long offset)
    {
        foreach (var segment in _segments)
            segment.Delete();
        _segments.Clear();
        _segments.Add(LogSegment.Create(_directory, offset));
        (EndOffset, RecoveryPoint) = (offset, offset);
    }

    private void LoadProducers()
    {
        if (_segments.Count == 1 || ProducerSnapshot.Load(LogFiles.Path(_directory, Active.BaseOffset, LogFiles.ProducerSnapshot), _producers))
            return;

        // A snapshot is lost: what it said is in the segments before.
        _producers.Clear();
        foreach (var closed in _segments.SkipLast(1))
        {
            closed.ForgetIndexes();
            SegmentScanner.ReadSound(closed, (batch, position) => ReplayInto(closed, batch, position));
        }
    }

    private void RebuildIndexes(LogSegment segment)
    {
        segment.ForgetIndexes();
        SegmentScanner.ReadSound(segment, (batch, position) => segment.Note(batch.Header, position, Settings.IndexIntervalBytes));
        segment.Aborted.Load(LogFiles.Path(_directory, segment.BaseOffset, LogFiles.AbortedIndex));
    }

    private void Replay(RecordBatch batch, int position)
    {
        ReplayInto(Active, batch, position);
        EndOffset = batch.Header.NextOffset;
    }

    private void ReplayInto(LogSegment segment, RecordBatch batch, int position)
    {
        var header = batch.Header;
        segment.Note(header, position, Settings.IndexIntervalBytes);
        if (!header.IsControl)
            _producers.Append(header);
        else if (TransactionMarker.TryRead(batch, out var marker))
            EndTransaction(segment, header.ProducerId, header.ProducerEpoch, marker, header.BaseOffset, header.MaxTimestamp);
    }

    private long LoadStartOffset() =>
        File.Exists(StartOffsetPath) && long.TryParse(File.ReadAllText(StartOffsetPath), out var offset) ? offset : 0;
}
