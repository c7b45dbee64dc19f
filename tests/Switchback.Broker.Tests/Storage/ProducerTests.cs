using Switchback.Broker.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Tests.Storage;

/// <summary>Idempotent and transactional producers at the log. What is expected was tried on Apache Kafka.</summary>
public class ProducerTests
{
    [Fact]
    public void A_repeated_batch_gets_the_offset_of_the_first_time()
    {
        using var disk = new LogOnDisk();
        for (var sequence = 0; sequence < 7; sequence++)
            Assert.Equal(sequence, disk.Appended(Batches.From(1, 0, sequence, "v")));
        Assert.Equal(2, disk.Appended(Batches.From(1, 0, 2, "v")));
        Assert.Equal(6, disk.Appended(Batches.From(1, 0, 6, "v")));

        // Only five batches are remembered: an older one is out of order.
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, disk.Append(Batches.From(1, 0, 1, "v")).Error);
        Assert.Equal(7, disk.Log.EndOffset);
    }

    [Fact]
    public void Repetitions_are_known_after_a_restart()
    {
        using var disk = new LogOnDisk(new LogSettings(SegmentBytes: 300));
        for (var sequence = 0; sequence < 20; sequence++)
            disk.Appended(Batches.From(1, 0, sequence, "v"));
        disk.Reopen();
        Assert.Equal(19, disk.Appended(Batches.From(1, 0, 19, "v")));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, disk.Append(Batches.From(1, 0, 18, "v")).Error);
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, disk.Append(Batches.From(1, 0, 21, "v")).Error);
        foreach (var snapshot in Directory.GetFiles(disk.Directory, "*.snapshot"))
            File.Delete(snapshot);
        disk.Reopen();
        Assert.Equal(20, disk.Appended(Batches.From(1, 0, 20, "v")));
    }

    [Fact]
    public void Gaps_and_old_epochs_are_refused()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.From(1, 5, 0, "a", "b"));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, disk.Append(Batches.From(1, 5, 3, "d")).Error);
        Assert.Equal(KafkaError.InvalidProducerEpoch, disk.Append(Batches.From(1, 4, 2, "c")).Error);
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, disk.Append(Batches.From(1, 6, 2, "c")).Error);
        disk.Appended(Batches.From(1, 6, 0, "c"));
        Assert.Equal(KafkaError.InvalidProducerEpoch, disk.Append(Batches.From(1, 5, 2, "z")).Error);
    }

    [Fact]
    public void An_unknown_producer_may_begin_anywhere()
    {
        using var disk = new LogOnDisk();
        Assert.Equal(0, disk.Appended(Batches.From(9, 0, 17, "after retention")));
    }

    [Fact]
    public void Sequences_wrap_around()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.From(1, 0, int.MaxValue - 1, "a", "b"));
        Assert.Equal(2, disk.Appended(Batches.From(1, 0, 0, "c")));
        disk.Appended(Batches.From(2, 0, int.MaxValue, "a", "b"));
        Assert.Equal(5, disk.Appended(Batches.From(2, 0, 1, "c")));
    }

    [Fact]
    public void An_open_transaction_holds_the_stable_offset_until_its_marker()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.Of("before"));
        disk.Appended(Batches.InTransaction(1, 0, 0, "one"));
        disk.Appended(Batches.Of("between"));
        Assert.Equal(1, disk.Log.LastStableOffset);
        Assert.Equal(["before"], disk.Values(limit: disk.Log.LastStableOffset));
        disk.Reopen();
        Assert.Equal(1, disk.Log.LastStableOffset);
        Assert.Equal(KafkaError.InvalidTxnState, disk.Append(Batches.From(1, 0, 1, "not in the transaction")).Error);
        disk.Log.AppendMarker(1, 0, new TransactionMarker(false, 0), 0, LogOnDisk.Now);
        Assert.Equal(4, disk.Log.LastStableOffset);
        Assert.Equal([new AbortedRange(1, 1, 3, 4)], disk.Log.AbortedBetween(0, 4));
        disk.Reopen();
        Assert.Equal([new AbortedRange(1, 1, 3, 4)], disk.Log.AbortedBetween(0, 4));
        Assert.Empty(disk.Log.AbortedBetween(4, 9));
    }

    [Fact]
    public void A_marker_of_a_newer_epoch_fences_plain_batches_too()
    {
        using var disk = new LogOnDisk();
        disk.Appended(Batches.From(1, 0, 0, "zombie"));
        Assert.Equal(KafkaError.None, disk.Log.AppendMarker(1, 1, new TransactionMarker(true, 0), 0, LogOnDisk.Now).Error);
        Assert.Equal(KafkaError.InvalidProducerEpoch, disk.Append(Batches.From(1, 0, 1, "zombie")).Error);
        Assert.Equal(2, disk.Appended(Batches.From(1, 1, 0, "successor")));
        Assert.Equal(KafkaError.InvalidProducerEpoch, disk.Log.AppendMarker(1, 0, new TransactionMarker(true, 0), 0, LogOnDisk.Now).Error);
    }
}
