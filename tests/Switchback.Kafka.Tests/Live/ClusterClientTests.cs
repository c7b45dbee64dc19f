using System.Text;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;
using Switchback.Kafka.Records;

namespace Switchback.Kafka.Tests.Live;

[Collection(ApacheKafkaCollection.Name)]
public class ClusterClientTests(SecureApacheKafkaBroker broker)
{
    [Fact]
    public Task Plaintext() => ProducesAndFetches(broker.Plaintext, ClientSecurity.None);

    [Theory]
    [InlineData(SaslMechanism.Plain)]
    [InlineData(SaslMechanism.ScramSha256)]
    [InlineData(SaslMechanism.ScramSha512)]
    public Task Sasl_over_tls(SaslMechanism mechanism) => ProducesAndFetches(broker.Bootstrap, new ClientSecurity
    {
        Protocol = SecurityProtocol.SaslSsl,
        SaslMechanism = mechanism,
        Username = "client",
        Password = "client-secret",
        CaPemFile = broker.CaFile,
    });

    private static async Task ProducesAndFetches(string bootstrap, ClientSecurity security)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(bootstrap), Security = security });
        var topic = "wire-" + Guid.NewGuid().ToString("N");
        Assert.Equal([topic], await client.CreateTopicsAsync([new NewTopic(topic, 3, 1)], cancellation));
        Assert.Empty(await client.CreateTopicsAsync([new NewTopic(topic, 3, 1)], cancellation));

        var partition = new TopicPartition(topic, 2);
        foreach (var codec in Enum.GetValues<CompressionCodec>())
        {
            using var builder = new RecordBatchBuilder { Codec = codec };
            for (var i = 0; i < 100; i++)
                builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes($"k{i}"), Encoding.UTF8.GetBytes($"{codec} {i}"));
            var acknowledged = await client.ProduceAsync(partition, builder.Build(), null, cancellation);
            Assert.Equal((int)codec * 100, acknowledged.BaseOffset);
        }

        var offsets = await client.ListOffsetsAsync([partition, new(topic, 0)], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, cancellation);
        Assert.Equal(500, offsets[partition].Offset);
        Assert.Equal(0, offsets[new(topic, 0)].Offset);

        var fetched = await client.FetchAsync(new FetchPosition(partition, 0), new FetchSettings(), cancellation);
        var batches = RecordBatchReader.ReadBatches(fetched.Data.Records!.Value).ToList();
        Assert.All(batches, batch => Assert.True(batch.IsCrcValid));
        var records = batches.SelectMany(batch => batch.ReadRecords()).ToList();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (long)i), records.Select(record => record.Offset));
        Assert.Equal("Zstd 99", Encoding.UTF8.GetString(records[^1].Value!.Value.Span));
        await client.DeleteTopicsAsync([topic], cancellation);
    }
}
