using Switchback.Broker.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Tests.Storage;

/// <summary>A batch goes to its file from where it was received, and nobody looks further than its header.</summary>
public sealed class RecordBytesTests
{
    private const int ValueSize = 900_000;
    private const int Unrelated = 64 * 1024;

    [Fact]
    public void Records_are_not_looked_at()
    {
        using var disk = new LogOnDisk();
        var batch = Batches.Of("a", "b", "c");
        batch.AsSpan(RecordBatchHeader.Size).Fill(0xff);
        RecordBatchPatch.WriteCrc(batch);
        Assert.Equal(KafkaError.None, disk.Log.Append(batch, 0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).Error);
        Assert.Equal(batch, File.ReadAllBytes(LogFiles.Path(disk.Directory, 0, LogFiles.Log)));
    }

    [Fact]
    public void A_batch_is_appended_without_memory_of_its_size()
    {
        using var disk = new LogOnDisk();
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var batch = Batches.Of(new string('x', ValueSize));
        disk.Log.Append(batch, 0, now);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(KafkaError.None, disk.Log.Append(batch, 0, now).Error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Unrelated);
    }
}
