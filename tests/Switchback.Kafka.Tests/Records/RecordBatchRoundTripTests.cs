using System.Text;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests;

public class RecordBatchRoundTripTests
{
    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Records_read_back_as_they_were_appended(CompressionCodec codec)
    {
        using var builder = new RecordBatchBuilder { BaseOffset = 1000, Codec = codec, ProducerId = 7, ProducerEpoch = 1, BaseSequence = 5 };
        for (var i = 0; i < 2000; i++)
        {
            ReadOnlyMemory<byte>? key = i % 3 == 0 ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes("key-" + i);
            ReadOnlyMemory<byte>? value = i % 5 == 0 ? default(ReadOnlyMemory<byte>?) : new byte[i % 300];
            builder.Append(1_700_000_000_000 + i, key, value, [new("h", null), new("é", new byte[] { 1 })]);
        }

        var bytes = builder.Build();

        Assert.True(RecordBatchReader.TryReadBatch(bytes, out var batch));
        Assert.True(batch.IsCrcValid);
        var records = batch.ReadRecords().ToList();
        Assert.Equal(2000, records.Count);
        Assert.Equal(2999, records[^1].Offset);
        Assert.Equal(2999, batch.Header.LastOffset);
        Assert.Equal(2004, batch.Header.LastSequence);
        Assert.Equal("key-1999", Encoding.UTF8.GetString(records[^1].Key!.Value.Span));
        Assert.Null(records[0].Value);
        Assert.Equal(7, records[7].Value!.Value.Length);
        Assert.Equal("é", records[3].Headers[1].Key);
        Assert.Equal(1_700_000_001_999, records[^1].Timestamp);
    }

    [Theory]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Output_beyond_the_limit_is_refused(CompressionCodec codec)
    {
        using var builder = new RecordBatchBuilder { Codec = codec };
        builder.Append(0, null, new byte[1 << 20]);
        Assert.True(RecordBatchReader.TryReadBatch(builder.Build(), out var batch));
        Assert.Throws<WireFormatException>(() => batch.ReadRecords(decompressedLimit: 1 << 19).Count());
    }

    [Fact]
    public void A_transaction_marker_reads_back()
    {
        var bytes = new TransactionMarker(true, 12).Build(7, 1, 1_700_000_000_000);
        Assert.True(RecordBatchReader.TryReadBatch(bytes, out var batch));
        Assert.True(batch.Header is { IsControl: true, IsTransactional: true, ProducerId: 7 });
        Assert.True(TransactionMarker.TryRead(batch, out var marker));
        Assert.Equal(new TransactionMarker(true, 12), marker);
    }

    [Fact]
    public void A_batch_cut_off_at_the_end_is_left_out()
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(0, null, new byte[100]);
        var one = builder.Build();
        byte[] two = [.. one, .. one];
        Assert.Equal(2, RecordBatchReader.ReadBatches(two).Count());
        Assert.Single(RecordBatchReader.ReadBatches(two.AsMemory(0, two.Length - 1)));
        Assert.Single(RecordBatchReader.ReadBatches(two.AsMemory(0, one.Length + 3)));
    }
}
