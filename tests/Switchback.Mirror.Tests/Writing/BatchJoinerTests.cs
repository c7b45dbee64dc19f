using Switchback.Kafka.Records;
using Switchback.Mirror.Tests.Copying;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Tests.Writing;

public class BatchJoinerTests
{
    [Fact]
    public void Joined_records_are_the_records_of_the_batches()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var first = 0;
            var batches = new List<OutgoingBatch>();
            for (var i = random.Next(2, 20); i > 0; i--)
            {
                var count = random.Next(1, 200);
                batches.Add(Outgoing(TopicData.Batch(first, count), count, first));
                first += count;
            }

            var expected = batches.SelectMany(batch => Read(batch.Bytes)).Select(TopicData.Describe).ToList();
            var joined = BatchJoiner.TryJoin(batches)!.Value;
            RecordBatchReader.TryReadBatch(joined.Array.AsMemory(0, joined.Length), out var whole);
            Assert.Equal(joined.Length, whole.Bytes.Length);
            Assert.True(whole.IsCrcValid);
            Assert.Equal(first, whole.Header.RecordsCount);
            Assert.Equal(whole.ReadRecords().Max(record => record.Timestamp), whole.Header.MaxTimestamp);
            Assert.Equal(Enumerable.Range(0, first).Select(i => (long)i), whole.ReadRecords().Select(record => record.Offset - whole.Header.BaseOffset));
            Assert.Equal(expected, whole.ReadRecords().Select(TopicData.Describe));
            Assert.InRange(joined.Length, 0, BatchJoiner.Bound(batches.Sum(batch => batch.Bytes.Length), first));
        }
    }

    [Fact]
    public void A_damaged_batch_is_not_joined()
    {
        var damaged = TopicData.Batch(10, 10);
        damaged[^1] ^= 1;
        Assert.Null(BatchJoiner.TryJoin([Outgoing(TopicData.Batch(0, 10), 10, 0), Outgoing(damaged, 10, 10)]));
    }

    [Fact]
    public void A_stamped_batch_has_its_checksum_and_a_damaged_one_keeps_its_damage()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var batch = TopicData.Batch(seed, random.Next(1, 300), (CompressionCodec)random.Next(5));
            var damaged = batch.ToArray();
            damaged[random.Next(RecordBatchHeader.Size, damaged.Length)] ^= 4;
            BatchStamp.Apply(batch, new ProducerIdentity(random.NextInt64(), 7), random.Next());
            BatchStamp.Apply(damaged, new ProducerIdentity(random.NextInt64(), 7), random.Next());
            Assert.True(RecordBatchPatch.IsCrcValid(batch));
            Assert.False(RecordBatchPatch.IsCrcValid(damaged));
        }
    }

    private static OutgoingBatch Outgoing(byte[] bytes, int records, long target) => new(bytes, records, target, 0, 0, true, Task.CompletedTask, null);

    private static IEnumerable<Kafka.Records.Record> Read(ReadOnlyMemory<byte> bytes)
    {
        RecordBatchReader.TryReadBatch(bytes, out var batch);
        return batch.ReadRecords();
    }
}
