using Switchback.Broker.Storage;
using Switchback.Kafka;

namespace Switchback.Broker.Tests.Storage;

/// <summary>What is left of a log when the machine lost power: what was forced to disk, and not a record more.</summary>
public class PowerLossTests
{
    [Fact]
    public void What_was_not_forced_to_disk_is_gone_and_its_offsets_are_given_out_again()
    {
        using var disk = new LogOnDisk(new LogSettings(FlushMessages: 4));
        for (var i = 0; i < 10; i++)
            disk.Appended(Batches.Of($"a{i}"));
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal((8L, 2L), (disk.Log.EndOffset, disk.Log.LostToPower));
        Assert.Equal(8, disk.Appended(Batches.Of("b8"), epoch: 1));
        Assert.Equal(["a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "b8"], disk.Values());
        Assert.Equal((0, 8L), disk.Log.EndOfEpoch(0, currentEpoch: 1));
    }

    [Fact]
    public void A_kill_alone_takes_nothing_and_moves_no_mark()
    {
        using var disk = new LogOnDisk(new LogSettings(FlushMessages: 4));
        for (var i = 0; i < 6; i++)
            disk.Appended(Batches.Of($"a{i}"));
        disk.Reopen();
        Assert.Equal(6, disk.Log.EndOffset);
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal((4L, 2L), (disk.Log.EndOffset, disk.Log.LostToPower));
    }

    [Fact]
    public void Where_nothing_was_ever_forced_the_open_segment_goes_and_the_closed_ones_stay()
    {
        using var disk = new LogOnDisk(new LogSettings(SegmentBytes: 300));
        for (var i = 0; i < 20; i++)
            disk.Appended(Batches.Of($"value {i}"));
        var open = LogFiles.SegmentOffsets(disk.Directory)[^1];
        Assert.InRange(open, 1, 19);
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal(open, disk.Log.EndOffset);
        Assert.Equal(open, disk.Values().Count);
    }

    [Fact]
    public void A_log_closed_in_good_order_loses_nothing()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of("a", "b"));
        disk.Log.Close();
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal((2L, 0L), (disk.Log.EndOffset, disk.Log.LostToPower));
    }

    [Fact]
    public void Time_forces_to_disk_what_waited_long_enough()
    {
        using var disk = new LogOnDisk(new LogSettings(FlushMs: 1000));
        disk.Appended(Batches.Of("a"));
        disk.Log.FlushIfDue(5000);
        disk.Appended(Batches.Of("b"));
        disk.Log.FlushIfDue(5999);
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal(["a"], disk.Values());
    }

    [Fact]
    public void A_log_that_lost_all_still_says_where_the_old_epoch_ended()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of("a", "b"), epoch: 3);
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal(0, disk.Log.EndOffset);
        Assert.Equal((3, 0L), disk.Log.EndOfEpoch(3, currentEpoch: 4));
        disk.Appended(Batches.Of("c"), epoch: 4);
        Assert.Equal((3, 0L), disk.Log.EndOfEpoch(3, currentEpoch: 4));
    }

    [Fact]
    public void Offsets_below_a_deletion_on_request_are_not_given_out_again()
    {
        using var disk = new LogOnDisk(new LogSettings(FlushMessages: 2));
        for (var i = 0; i < 3; i++)
            disk.Appended(Batches.Of($"v{i}"));
        File.WriteAllText(Path.Combine(disk.Directory, LogFiles.StartOffset), "3");
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal((3L, 3L), (disk.Log.StartOffset, disk.Log.EndOffset));
        Assert.Equal(3, disk.Appended(Batches.Of("v3")));
    }

    [Fact]
    public void A_producer_whose_tail_is_gone_goes_on_from_what_is_left()
    {
        using var disk = new LogOnDisk(new LogSettings(FlushMessages: 2));
        for (var sequence = 0; sequence < 3; sequence++)
            disk.Appended(Batches.From(1, 0, sequence, "v"));
        disk.Reopen(afterPowerLoss: true);
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, disk.Append(Batches.From(1, 0, 3, "v")).Error);
        Assert.Equal(2, disk.Appended(Batches.From(1, 0, 2, "v")));
    }
}
