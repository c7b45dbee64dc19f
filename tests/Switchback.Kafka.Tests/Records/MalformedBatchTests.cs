using System.Buffers.Binary;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Records;

public class MalformedBatchTests
{
    public static TheoryData<CompressionCodec> Codecs => [.. Enum.GetValues<CompressionCodec>()];

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Any_changed_byte_gives_records_or_a_clear_failure(CompressionCodec codec)
    {
        var good = Build(codec);
        var random = new Random(3);
        for (var at = 0; at < good.Length; at++)
        {
            var bytes = good.ToArray();
            bytes[at] = (byte)random.Next(256);
            ReadAll(bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Compressed_records_cut_off_are_a_failure(CompressionCodec codec)
    {
        var good = Build(codec);
        for (var length = RecordBatchHeader.Size; length < good.Length; length++)
        {
            var bytes = good[..length];
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), length - RecordBatchHeader.LengthOverhead);
            Assert.True(RecordBatchReader.TryReadBatch(bytes, out var batch));
            var read = new List<string>();
            var failure = Xunit.Record.Exception(() => read.AddRange(batch.ReadRecords().Select(Show)));
            // The end of a gzip stream carries no data - a mark and a trailer - and may be missing: the batch has a checksum over everything.
            if (failure is null && codec == CompressionCodec.Gzip)
                Assert.Equal(RecordBatchReader.ReadBatches(good).Single().ReadRecords().Select(Show), read);
            else
                Assert.IsType<WireFormatException>(failure);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(48)]
    [InlineData(int.MinValue)]
    public void A_length_no_batch_can_have_is_a_failure(int batchLength)
    {
        var bytes = Build(CompressionCodec.None);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), batchLength);
        Assert.Throws<WireFormatException>(() => RecordBatchReader.ReadBatches(bytes).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Another_magic_is_a_failure(byte magic)
    {
        var bytes = Build(CompressionCodec.None);
        bytes[16] = magic;
        Assert.Contains("magic", Assert.Throws<WireFormatException>(() => RecordBatchReader.ReadBatches(bytes).Count()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public void A_count_of_records_that_is_not_true_is_a_failure(int count)
    {
        var bytes = Build(CompressionCodec.None);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(57), count);
        Assert.True(RecordBatchReader.TryReadBatch(bytes, out var batch));
        Assert.Throws<WireFormatException>(() => batch.ReadRecords().Count());
    }

    [Fact]
    public void An_unknown_codec_is_a_failure()
    {
        Assert.Throws<WireFormatException>(() => Compression.Codecs.Decompress((CompressionCodec)5, new byte[10], 100));
    }

    private static string Show(Kafka.Records.Record record) => $"{record.Offset} {Convert.ToHexString(record.Value!.Value.Span)}";

    private static void ReadAll(byte[] bytes)
    {
        try
        {
            foreach (var batch in RecordBatchReader.ReadBatches(bytes))
                Assert.True(batch.ReadRecords(decompressedLimit: 1 << 20).Count() <= batch.Header.RecordsCount);
        }
        catch (WireFormatException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    private static byte[] Build(CompressionCodec codec)
    {
        using var builder = new RecordBatchBuilder { Codec = codec };
        for (var i = 0; i < 3; i++)
            builder.Append(i, new byte[] { 1, 2 }, Enumerable.Range(0, 60).Select(b => (byte)(b / 7)).ToArray(), [new("h", new byte[4])]);
        return builder.Build();
    }
}
