using Switchback.Kafka.Records;

namespace Switchback.Kafka.Tests.Records;

public class RecordBatchPatchTests
{
    [Fact]
    public void Offset_and_leader_epoch_leave_the_checksum_right()
    {
        var batch = Build();
        RecordBatchPatch.SetBaseOffset(batch, 123_456_789_012);
        RecordBatchPatch.SetPartitionLeaderEpoch(batch, 9);
        Assert.True(RecordBatchPatch.IsCrcValid(batch));
        Assert.True(RecordBatchHeader.TryRead(batch, out var header));
        Assert.Equal((123_456_789_012, 9), (header.BaseOffset, header.PartitionLeaderEpoch));
    }

    [Fact]
    public void A_producers_batch_becomes_anothers_when_the_checksum_is_written_anew()
    {
        var batch = Build();
        RecordBatchPatch.SetProducer(batch, 4711, 3, 100);
        Assert.False(RecordBatchPatch.IsCrcValid(batch));
        RecordBatchPatch.WriteCrc(batch);
        Assert.True(RecordBatchPatch.IsCrcValid(batch));
        Assert.True(RecordBatchReader.TryReadBatch(batch, out var read));
        Assert.Equal((4711L, (short)3, 100, 101), (read.Header.ProducerId, read.Header.ProducerEpoch, read.Header.BaseSequence, read.Header.LastSequence));
        Assert.Equal(2, read.ReadRecords().Count());
    }

    [Fact]
    public void Append_time_replaces_the_time_of_every_record()
    {
        var batch = Build();
        RecordBatchPatch.SetAttributes(batch, BatchAttributes.LogAppendTime);
        RecordBatchPatch.SetMaxTimestamp(batch, 999_999);
        RecordBatchPatch.WriteCrc(batch);
        Assert.True(RecordBatchReader.TryReadBatch(batch, out var read));
        Assert.All(read.ReadRecords(), record => Assert.Equal(999_999, record.Timestamp));
    }

    [Fact]
    public void Every_changed_byte_after_the_checksum_is_noticed()
    {
        var batch = Build();
        for (var at = 17; at < batch.Length; at++)
        {
            batch[at] ^= 0x40;
            Assert.False(RecordBatchPatch.IsCrcValid(batch));
            batch[at] ^= 0x40;
        }

        Assert.True(RecordBatchPatch.IsCrcValid(batch));
    }

    [Fact]
    public void A_header_reads_back_as_written()
    {
        var header = new RecordBatchHeader(1, 2000, 3, 2, 4, BatchAttributes.Transactional, 5, 6, 7, 8, 9, int.MaxValue - 1, 11);
        var bytes = new byte[RecordBatchHeader.Size];
        header.Write(bytes);
        Assert.True(RecordBatchHeader.TryRead(bytes, out var read));
        Assert.Equal(header, read);
        Assert.Equal(3, read.LastSequence);
        Assert.False(RecordBatchHeader.TryRead(bytes.AsSpan(0, 60), out _));
    }

    private static byte[] Build()
    {
        using var builder = new RecordBatchBuilder { ProducerId = 1, ProducerEpoch = 0, BaseSequence = 0 };
        builder.Append(1000, null, new byte[50]);
        builder.Append(2000, new byte[] { 1 }, null);
        return builder.Build();
    }
}
