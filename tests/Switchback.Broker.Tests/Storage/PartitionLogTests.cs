using Switchback.Broker.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Tests.Storage;

public class PartitionLogTests
{
    [Fact]
    public void Offsets_are_dense_and_survive_a_reopening()
    {
        using var disk = new LogOnDisk();
        Assert.Equal(0, disk.Appended(Batches.Of("a", "b")));
        Assert.Equal(2, disk.Appended(Batches.Of("c")));
        disk.Reopen();
        Assert.Equal(3, disk.Log.EndOffset);
        Assert.Equal(["a", "b", "c"], disk.Values());
        Assert.Equal(["b", "c"], disk.Values(from: 1));
        Assert.Equal(3, disk.Appended(Batches.Of("d")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(61)]
    [InlineData(64)]
    public void A_torn_tail_is_cut_off_and_what_was_whole_stays(int bytesLeftOfTheLast)
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of("a"));
        var whole = disk.Log.Size;
        disk.Appended(Batches.Of("a longer value"));
        Cut(disk, whole + bytesLeftOfTheLast);
        disk.Reopen();
        Assert.Equal(1, disk.Log.EndOffset);
        Assert.Equal(["a"], disk.Values());
        Assert.Equal(1, disk.Appended(Batches.Of("b")));
        disk.Reopen();
        Assert.Equal(["a", "b"], disk.Values());
    }

    [Fact]
    public void A_flipped_bit_in_the_tail_is_found_by_its_checksum()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of("a"));
        disk.Appended(Batches.Of("b"));
        var file = LogFiles.Path(disk.Directory, 0, LogFiles.Log);
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        disk.Reopen();
        Assert.Equal(["a"], disk.Values());
    }

    [Fact]
    public void Zeros_behind_the_last_batch_are_cut_off()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of("a"));
        Cut(disk, disk.Log.Size + 4096);
        disk.Reopen();
        Assert.Equal(["a"], disk.Values());
        Assert.Equal(1, disk.Log.EndOffset);
    }

    [Fact]
    public void A_start_reads_the_last_segment_only()
    {
        using var disk = new LogOnDisk(new LogSettings(SegmentBytes: 500, IndexIntervalBytes: 100));
        for (var i = 0; i < 100; i++)
            disk.Appended(Batches.Of($"value {i}"));
        var last = Directory.GetFiles(disk.Directory, "*.log").Order(StringComparer.Ordinal).Last();
        foreach (var closed in Directory.GetFiles(disk.Directory, "*.log").Where(file => file != last))
        {
            // Whoever reads this finds that its checksum is wrong, and would cut it off.
            var bytes = File.ReadAllBytes(closed);
            bytes[^1] ^= 1;
            File.WriteAllBytes(closed, bytes);
        }

        var sizes = Directory.GetFiles(disk.Directory, "*.log").ToDictionary(file => file, file => new FileInfo(file).Length);
        disk.Reopen();
        Assert.Equal(100, disk.Log.EndOffset);
        Assert.Equal(sizes, Directory.GetFiles(disk.Directory, "*.log").ToDictionary(file => file, file => new FileInfo(file).Length));
        Assert.Equal("value 99", disk.Values(from: 99).Single());
    }

    [Fact]
    public void Segments_roll_and_are_read_across_and_survive()
    {
        using var disk = new LogOnDisk(new LogSettings(SegmentBytes: 500, IndexIntervalBytes: 100));
        string[] values = [.. Enumerable.Range(0, 100).Select(i => $"value {i}")];
        foreach (var value in values)
            disk.Appended(Batches.Of(value));
        Assert.True(Directory.GetFiles(disk.Directory, "*.log").Length > 5);
        Assert.Equal(values, disk.Values());
        disk.Reopen();
        Assert.Equal(values, disk.Values());
        foreach (var index in Directory.GetFiles(disk.Directory, "*.index"))
            File.WriteAllText(index, "damaged");
        disk.Reopen();
        Assert.Equal(values[50..], disk.Values(from: 50));
    }

    [Fact]
    public void A_batch_that_is_not_sound_is_refused()
    {
        using var disk = new LogOnDisk(new LogSettings(MaxMessageBytes: 200));
        var flipped = Batches.Of("a");
        flipped[^1] ^= 1;
        Assert.Equal(KafkaError.CorruptMessage, disk.Append(flipped).Error);
        Assert.Equal(KafkaError.CorruptMessage, disk.Append(Batches.Of("a")[..^1]).Error);
        Assert.Equal(KafkaError.InvalidRecord, disk.Append([.. Batches.Of("a"), .. Batches.Of("b")]).Error);
        Assert.Equal(KafkaError.MessageTooLarge, disk.Append(Batches.Of(new string('x', 200))).Error);
        Assert.Equal(KafkaError.InvalidTimestamp, disk.Append(Batches.At(LogOnDisk.Now + 7_200_000, "late")).Error);
        var control = new TransactionMarker(true, 0).Build(1, 0, LogOnDisk.Now);
        Assert.Equal(KafkaError.InvalidRecord, disk.Append(control).Error);
        Assert.Equal(0, disk.Log.EndOffset);
    }

    [Fact]
    public void Log_append_time_replaces_the_clients()
    {
        using var disk = new LogOnDisk(new LogSettings(LogAppendTime: true));
        var now = LogOnDisk.Now;
        var result = disk.Log.Append(Batches.At(5, "a"), 0, now);
        Assert.Equal(now, result.AppendTime);
        disk.Reopen();
        Assert.Equal(["a"], disk.Values());
        Assert.Equal((0L, now), disk.Log.FindByTime(now));
    }

    [Fact]
    public void Records_are_found_by_time()
    {
        using var disk = new LogOnDisk(new LogSettings(SegmentBytes: 400, IndexIntervalBytes: 50));
        var start = LogOnDisk.Now - 100_000;
        for (var i = 0; i < 30; i++)
            disk.Appended(Batches.At(start + i * 100, $"v{i}"));
        Assert.Equal((10L, start + 1000), disk.Log.FindByTime(start + 950));
        Assert.Equal((0L, start), disk.Log.FindByTime(0));
        Assert.Null(disk.Log.FindByTime(start + 10_000));
        Assert.Equal((29L, start + 2900), disk.Log.FindMaxTimestamp());
        disk.Reopen();
        Assert.Equal((10L, start + 1000), disk.Log.FindByTime(start + 950));
    }

    [Fact]
    public void Retention_deletes_old_segments_and_the_log_begins_later()
    {
        using var disk = new LogOnDisk(new LogSettings(SegmentBytes: 300, RetentionMs: 60_000));
        var old = LogOnDisk.Now - 120_000;
        for (var i = 0; i < 20; i++)
            disk.Appended(Batches.At(old, $"old {i}"));
        disk.Appended(Batches.Of("new"));
        Assert.True(disk.Log.ApplyRetention(LogOnDisk.Now) > 0);
        Assert.True(disk.Log.StartOffset > 0);
        Assert.Equal(KafkaError.OffsetOutOfRange, disk.Log.Read(0, 1000, true, long.MaxValue, out _));
        var kept = disk.Values(disk.Log.StartOffset);
        Assert.Equal("new", kept[^1]);
        disk.Reopen();
        Assert.Equal(kept, disk.Values(disk.Log.StartOffset));
    }

    [Fact]
    public void Deleted_records_stay_deleted()
    {
        using var disk = new LogOnDisk(new LogSettings(SegmentBytes: 200));
        for (var i = 0; i < 10; i++)
            disk.Appended(Batches.Of($"v{i}"));
        Assert.Equal((KafkaError.None, 7L), disk.Log.DeleteRecordsBefore(7));
        disk.Reopen();
        Assert.Equal(7, disk.Log.StartOffset);
        Assert.Equal(["v7", "v8", "v9"], disk.Values(7));
        Assert.Equal(KafkaError.OffsetOutOfRange, disk.Log.DeleteRecordsBefore(11).Error);
        Assert.Equal((KafkaError.None, 10L), disk.Log.DeleteRecordsBefore(-1));
        disk.Reopen();
        Assert.Equal((10L, 10L), (disk.Log.StartOffset, disk.Log.EndOffset));
    }

    [Fact]
    public void A_read_is_cut_to_size_but_for_the_first_batch()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of(new string('x', 1000)));
        disk.Appended(Batches.Of("b"));
        disk.Log.Read(0, 10, wholeFirst: true, long.MaxValue, out var whole);
        Assert.True(whole.Length > 1000);
        disk.Log.Read(0, 10, wholeFirst: false, long.MaxValue, out var cut);
        Assert.Equal(10, cut.Length);
        disk.Log.Read(2, 10, wholeFirst: true, long.MaxValue, out var end);
        Assert.Equal(0, end.Length);
        Assert.Equal(KafkaError.OffsetOutOfRange, disk.Log.Read(3, 10, true, long.MaxValue, out _));
    }

    [Fact]
    public void Leader_epochs_say_where_each_ended()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of("a", "b"), epoch: 0);
        disk.Appended(Batches.Of("c"), epoch: 3);
        disk.Reopen();
        Assert.Equal((0, 2L), disk.Log.EndOfEpoch(0));
        Assert.Equal((0, 2L), disk.Log.EndOfEpoch(2));
        Assert.Equal((3, 3L), disk.Log.EndOfEpoch(3));
        Assert.Equal((-1, -1L), disk.Log.EndOfEpoch(4));
        Assert.Equal(0, disk.Log.EpochFor(1));
        Assert.Equal(3, disk.Log.EpochFor(2));
    }

    private static void Cut(LogOnDisk disk, long length)
    {
        using var file = File.OpenHandle(LogFiles.Path(disk.Directory, 0, LogFiles.Log), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.SetLength(file, length);
    }
}
