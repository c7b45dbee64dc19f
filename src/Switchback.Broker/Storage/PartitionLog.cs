using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Storage;

/// <summary>
/// The log of one partition: segments on disk in Apache Kafka's format, appended to by one writer at a time and read by any number. A batch is in the
/// file before it is acknowledged, so that killing the process loses nothing. All members are safe for several threads.
/// </summary>
internal sealed partial class PartitionLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _directory;
    private readonly List<LogSegment> _segments = [];
    private readonly ProducerStates _producers = new();
    private readonly LeaderEpochs _epochs;
    private readonly LogWatchers _watchers = new();
    private bool _deleted;

    /// <param name="directory">Where the log is, or will be with its first record.</param>
    /// <param name="settings">What it follows.</param>
    /// <param name="afterPowerLoss">Whether what was never forced to disk is given up.</param>
    public PartitionLog(string directory, LogSettings settings, bool afterPowerLoss = false)
    {
        _directory = directory;
        Settings = settings;
        _epochs = new LeaderEpochs(Path.Combine(directory, LogFiles.LeaderEpochs));
        if (Directory.Exists(directory))
            Recover(afterPowerLoss);
    }

    public string DirectoryPath => _directory;

    public LogSettings Settings { get; set; }

    /// <summary>The first offset that can be read.</summary>
    public long StartOffset { get; private set; }

    /// <summary>The offset the next record gets. As there is a single copy of the data, this is the high watermark too.</summary>
    public long EndOffset { get; private set; }

    /// <summary>The offset up to which every transaction is decided.</summary>
    public long LastStableOffset
    {
        get
        {
            lock (_gate)
                return _producers.FirstOpenTransaction ?? EndOffset;
        }
    }

    /// <summary>Bytes in the log.</summary>
    public long Size
    {
        get
        {
            lock (_gate)
                return _segments.Sum(s => (long)s.Size);
        }
    }

    public LogWatchers Watchers => _watchers;

    private LogSegment Active => _segments[^1];

    /// <summary>Appends one batch a client sent; its offset, epoch and, where the topic says so, its timestamp are written into the bytes given.</summary>
    public AppendResult Append(Memory<byte> batch, int leaderEpoch, long now)
    {
        var verdict = BatchValidator.Validate(batch.Span, Settings, now, out var header);
        if (verdict.Error != KafkaError.None)
            return verdict;
        lock (_gate)
        {
            if (header.HasProducerId)
            {
                if (_producers.FindDuplicate(header) is { } duplicate)
                    return new AppendResult(KafkaError.None, duplicate.FirstOffset, Settings.LogAppendTime ? duplicate.Timestamp : -1);
                var error = _producers.Check(header);
                if (error != KafkaError.None)
                    return AppendResult.Refused(error, Refusal(header));
            }

            var appendTime = -1L;
            if (Settings.LogAppendTime)
            {
                appendTime = now;
                RecordBatchPatch.SetAttributes(batch.Span, header.Attributes | BatchAttributes.LogAppendTime);
                RecordBatchPatch.SetMaxTimestamp(batch.Span, now);
                RecordBatchPatch.WriteCrc(batch.Span);
            }

            var result = Write(batch.Span, leaderEpoch, now, out header);
            if (result.Error == KafkaError.None)
                _producers.Append(header);
            return result with { AppendTime = appendTime };
        }
    }

    /// <summary>Appends a batch the cluster itself wrote, such as a group's offsets.</summary>
    public AppendResult AppendOwn(Memory<byte> batch, int leaderEpoch, long now)
    {
        lock (_gate)
        {
            var result = Write(batch.Span, leaderEpoch, now, out var header);
            if (result.Error == KafkaError.None)
                _producers.Append(header);
            return result;
        }
    }

    /// <summary>Ends a producer's transaction in this partition.</summary>
    public AppendResult AppendMarker(long producerId, short producerEpoch, TransactionMarker marker, int leaderEpoch, long now)
    {
        lock (_gate)
        {
            var error = _producers.CheckMarker(producerId, producerEpoch, marker.CoordinatorEpoch);
            if (error != KafkaError.None)
                return AppendResult.Refused(error, "The marker comes from a fenced producer or coordinator.");
            var result = Write(marker.Build(producerId, producerEpoch, now), leaderEpoch, now, out _);
            if (result.Error == KafkaError.None)
                EndTransaction(Active, producerId, producerEpoch, marker, result.BaseOffset, now);
            return result;
        }
    }

    /// <summary>Whether the producer has a transaction open in this partition.</summary>
    public bool HasOpenTransaction(long producerId, short epoch)
    {
        lock (_gate)
            return _producers.Entries.TryGetValue(producerId, out var entry) && entry.TransactionStart is not null && entry.Epoch == epoch;
    }

    /// <summary>What is known of the producers, for DescribeProducers.</summary>
    public IReadOnlyList<(long Id, short Epoch, int LastSequence, long LastTimestamp, int CoordinatorEpoch, long? TransactionStart)> DescribeProducers()
    {
        lock (_gate)
            return [.. _producers.Entries.Select(p =>
                (p.Key, p.Value.Epoch, p.Value.LastSequence, p.Value.LastTimestamp, p.Value.CoordinatorEpoch, p.Value.TransactionStart))];
    }

    /// <summary>The end of a leader epoch, for a client that asks whether its log diverged.</summary>
    /// <param name="epoch">The epoch asked about.</param>
    /// <param name="currentEpoch">The partition's own epoch, which may have no records yet; -1 when only records count.</param>
    public (int Epoch, long EndOffset) EndOfEpoch(int epoch, int currentEpoch = -1)
    {
        lock (_gate)
        {
            if (epoch >= 0 && epoch == currentEpoch)
                return (epoch, EndOffset);
            var latest = _epochs.Latest;
            if (epoch < 0 || epoch <= latest || epoch > currentEpoch)
                return _epochs.EndOf(epoch, EndOffset);

            // The partition's own epoch begins where the log ends now; a log without any epoch before it had none of this one's records either.
            return (latest >= 0 ? latest : epoch, EndOffset);
        }
    }

    public int EpochFor(long offset)
    {
        lock (_gate)
            return _epochs.EpochFor(offset);
    }

    /// <summary>Forces everything to disk and saves what makes the next start quick.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (_segments.Count > 0)
            {
                Active.Close();
                NoteFlushed(EndOffset);
            }
        }

        Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var segment in _segments)
                segment.Dispose();
        }
    }

    /// <summary>Deletes the partition from disk.</summary>
    public void Delete()
    {
        lock (_gate)
        {
            Dispose();
            _segments.Clear();
            _deleted = true;
            if (Directory.Exists(_directory))
                Directory.Delete(_directory, recursive: true);
        }

        _watchers.Pulse();
    }

    private AppendResult Write(Span<byte> batch, int leaderEpoch, long now, out RecordBatchHeader header)
    {
        RecordBatchPatch.SetBaseOffset(batch, EndOffset);
        RecordBatchPatch.SetPartitionLeaderEpoch(batch, leaderEpoch);
        RecordBatchHeader.TryRead(batch, out header);
        if (_deleted)
            return AppendResult.Refused(KafkaError.UnknownTopicOrPartition, "The topic was deleted.");
        try
        {
            PrepareSegment(batch.Length, header, now);
            AssignEpoch(leaderEpoch);
            Active.Write(batch);
            FlushIfMany(header.NextOffset);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            DropPartialWrite();
            return AppendResult.Refused(KafkaError.KafkaStorageError, "The log could not be written: " + failure.Message);
        }

        Active.Take(header, Settings.IndexIntervalBytes);
        EndOffset = header.NextOffset;
        _watchers.Pulse();
        return new AppendResult(KafkaError.None, header.BaseOffset);
    }

    private void PrepareSegment(int length, in RecordBatchHeader header, long now)
    {
        if (_segments.Count == 0)
        {
            Directory.CreateDirectory(_directory);
            _segments.Add(LogSegment.Create(_directory, EndOffset));
            return;
        }

        var tooLarge = Active.Size > 0 && Active.Size + (long)length > Settings.SegmentBytes;
        var tooOld = Active.FirstTimestamp is { } first && Math.Max(now, header.MaxTimestamp) - first > Settings.SegmentMs;
        var tooFar = header.LastOffset - Active.BaseOffset > int.MaxValue;
        if (tooLarge || tooOld || tooFar)
            Roll();
    }

    private void Roll()
    {
        Active.Close();
        RecoveryPoint = EndOffset;
        ProducerSnapshot.Save(LogFiles.Path(_directory, EndOffset, LogFiles.ProducerSnapshot), _producers);
        _segments.Add(LogSegment.Create(_directory, EndOffset));
    }

    private void AssignEpoch(int epoch)
    {
        if (!_epochs.Assign(epoch, EndOffset))
            return;
        try
        {
            _epochs.Save();
        }
        catch (IOException)
        {
            _epochs.Forget(EndOffset);
            throw;
        }
    }

    /// <summary>A failed write may have left a part of the batch in the file, behind the size we count with. It takes up room that others may need.</summary>
    private void DropPartialWrite()
    {
        if (_segments.Count == 0 || Active.Handle.IsClosed)
            return;
        try
        {
            Active.TruncateTo(Active.Size);
        }
        catch (IOException)
        {
            // The next batch overwrites it, or the next start cuts it off: it does not match its checksum, or nobody was told that it is there.
            return;
        }
    }

    private void EndTransaction(LogSegment segment, long producerId, short epoch, TransactionMarker marker, long markerOffset, long timestamp)
    {
        if (_producers.End(producerId, epoch, marker.CoordinatorEpoch, timestamp) is { } start && !marker.Commit)
            segment.Aborted.Add(new AbortedRange(producerId, start, markerOffset, _producers.FirstOpenTransaction ?? markerOffset + 1));
        _watchers.Pulse();
    }

    private string Refusal(in RecordBatchHeader header) =>
        $"Producer {header.ProducerId} with epoch {header.ProducerEpoch} and sequence {header.BaseSequence} does not fit the log at offset {EndOffset}.";
}
