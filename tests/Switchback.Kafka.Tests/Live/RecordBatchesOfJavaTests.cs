using System.Globalization;
using System.Text;
using Switchback.Kafka.Client;
using Switchback.Kafka.Records;

namespace Switchback.Kafka.Tests.Live;

/// <summary>Record batches across the two implementations: the Java producer writes and we read, we write and the Java consumer reads.</summary>
[Collection(ApacheKafkaCollection.Name)]
public class RecordBatchesOfJavaTests(SecureApacheKafkaBroker broker)
{
    private const int Records = 500;

    [Theory]
    [InlineData("none", CompressionCodec.None)]
    [InlineData("gzip", CompressionCodec.Gzip)]
    [InlineData("snappy", CompressionCodec.Snappy)]
    [InlineData("lz4", CompressionCodec.Lz4)]
    [InlineData("zstd", CompressionCodec.Zstd)]
    public async Task What_Javas_producer_writes_is_read(string name, CompressionCodec codec)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var client = Connect();
        var topic = $"java-{name}";
        await client.CreateTopicsAsync([new NewTopic(topic, 1, 1)], cancellation);
        // Values of a few hundred bytes and small batches: several blocks and several batches.
        var lines = Enumerable.Range(0, Records).Select(i => $"key-{i}\t{i} {string.Join(' ', Enumerable.Range(i, 60))}").ToList();
        await ApacheKafka.ToolAsync(
            ["console-producer", "--bootstrap-server", broker.Plaintext, "--topic", topic, "--compression-codec", name,
            "--reader-property", "parse.key=true", "--batch-size", "65536"],
            string.Join('\n', lines) + "\n");

        var batches = await ReadAllAsync(client, new TopicPartition(topic, 0), Records, cancellation);
        Assert.All(batches, batch => Assert.Equal((true, codec), (batch.IsCrcValid, batch.Header.Codec)));
        var read = batches.SelectMany(batch => batch.ReadRecords())
            .Select(record => $"{Text(record.Key)}\t{Text(record.Value)}");
        Assert.Equal(lines, read);
    }

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public async Task What_we_write_Javas_consumer_reads(CompressionCodec codec)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var client = Connect();
        var topic = $"ours-{codec}".ToLowerInvariant();

        // The records are years old: with the default retention the broker may delete them before they are read.
        await client.CreateTopicsAsync([new NewTopic(topic, 1, 1, new Dictionary<string, string> { ["retention.ms"] = "-1" })], cancellation);
        using var builder = new RecordBatchBuilder { Codec = codec };
        var expected = new List<string>();
        for (var i = 0; i < Records; i++)
        {
            var value = string.Join(' ', Enumerable.Range(i, 60));
            builder.Append(1_700_000_000_000 + i, Encoding.UTF8.GetBytes("k" + i), Encoding.UTF8.GetBytes(value), [new("h", Encoding.UTF8.GetBytes("é"))]);
            expected.Add(string.Create(CultureInfo.InvariantCulture, $"CreateTime:{1_700_000_000_000 + i}\tOffset:{i}\th:é\tk{i}\t{value}"));
        }

        await client.ProduceAsync(new TopicPartition(topic, 0), builder.Build(), null, cancellation);
        var read = await ApacheKafka.ToolAsync("console-consumer", "--bootstrap-server", broker.Plaintext, "--topic", topic,
            // A partition and an offset, not a group: on a busy machine a group may rebalance and read twice.
            "--partition", "0", "--offset", "earliest", "--max-messages", Records.ToString(CultureInfo.InvariantCulture), "--timeout-ms", "120000",
            "--formatter-property", "print.timestamp=true", "--formatter-property", "print.offset=true",
            "--formatter-property", "print.headers=true", "--formatter-property", "print.key=true");
        Assert.Equal(expected, read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private ClusterClient Connect() => new(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(broker.Plaintext) });

    private static async Task<List<RecordBatch>> ReadAllAsync(ClusterClient client, TopicPartition partition, long end, CancellationToken cancellation)
    {
        var batches = new List<RecordBatch>();
        for (long position = 0; position < end;)
        {
            var fetched = await client.FetchAsync(new FetchPosition(partition, position), new FetchSettings(), cancellation);
            batches.AddRange(RecordBatchReader.ReadBatches(fetched.Data.Records.GetValueOrDefault()));
            position = batches.Count == 0 ? 0 : batches[^1].Header.NextOffset;
        }

        return batches;
    }

    private static string Text(ReadOnlyMemory<byte>? bytes) => Encoding.UTF8.GetString(bytes!.Value.Span);
}
