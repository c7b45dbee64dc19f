using System.Text;
using Switchback.Drills.Ledger;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Drills.Tests.Ledger;

public sealed class ClusterReaderTests(ApacheKafkaBroker broker) : IClassFixture<ApacheKafkaBroker>
{
    [Fact]
    public async Task Every_record_of_a_cluster_is_read_and_no_aborted_one()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(broker.Plaintext) });
        var topic = "reader-" + Guid.NewGuid().ToString("N");
        await client.CreateTopicsAsync([new NewTopic(topic, 3, 1), new NewTopic(topic + "-empty", 2, 1)], cancellation);
        for (var batch = 0; batch < 30; batch++)
        {
            await client.ProduceAsync(new TopicPartition(topic, batch % 2), Batch(batch, 10), null, cancellation);
        }

        var aborted = new TopicPartition(topic, 2);
        await AbortAsync(client, aborted, cancellation);
        await client.ProduceAsync(aborted, Batch(1000, 1), null, cancellation);

        var read = new List<ClusterRecord>();
        await foreach (var record in new ClusterReader("north", client, name => name.StartsWith(topic, StringComparison.Ordinal)).ReadAsync(cancellation))
        {
            read.Add(record);
        }

        Assert.Equal(
            Enumerable.Range(0, 300).Select(i => $"id-{i / 10}-{i % 10}").Append("id-1000-0").Order(StringComparer.Ordinal),
            read.Select(record => record.Id!).Order(StringComparer.Ordinal));
        Assert.All(read, record => Assert.Equal(("north", topic, "key"), (record.Cluster, record.Topic, record.Key)));
        Assert.Equal(Enumerable.Range(0, 150).Select(offset => (long)offset), read.Where(record => record.Partition == 0).Select(record => record.Offset));
    }

    [Theory]
    [InlineData("{\"id\":\"a\",\"fact\":\"f\"}", "a")]
    [InlineData("{\"fact\":{\"id\":\"inner\"},\"more\":[1,{\"id\":\"x\"}],\"id\":\"outer\"}", "outer")]
    [InlineData("{\"id\":7}", null)]
    [InlineData("{\"fact\":\"f\"}", null)]
    [InlineData("{\"id\":", null)]
    [InlineData("[\"id\"]", null)]
    [InlineData("plain", null)]
    [InlineData("", null)]
    public void A_records_id_is_that_of_its_json_value(string value, string? id) => Assert.Equal(id, ClusterReader.IdOf(Encoding.UTF8.GetBytes(value)));

    private static byte[] Batch(int batch, int count, long producerId = -1, short epoch = -1)
    {
        using var builder = new RecordBatchBuilder();
        if (producerId >= 0)
        {
            (builder.ProducerId, builder.ProducerEpoch, builder.BaseSequence, builder.Attributes) = (producerId, epoch, 0, BatchAttributes.Transactional);
        }

        for (var i = 0; i < count; i++)
        {
            builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), "key"u8.ToArray(), Encoding.UTF8.GetBytes($$"""{"id":"id-{{batch}}-{{i}}"}"""));
        }

        return builder.Build();
    }

    private static async Task AbortAsync(ClusterClient client, TopicPartition partition, CancellationToken cancellation)
    {
        const string Id = "reader-transaction";
        var producer = await client.SendToCoordinatorAsync(
            CoordinatorType.Transaction, Id, new InitProducerIdRequest { TransactionalId = Id, TransactionTimeoutMs = 60_000 }, response => response.ErrorCode, cancellation);
        await client.ProduceAsync(partition, Batch(2000, 5, producer.ProducerId, producer.ProducerEpoch), Id, cancellation);
        var end = new EndTxnRequest { TransactionalId = Id, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch };
        var ended = await client.SendToCoordinatorAsync(CoordinatorType.Transaction, Id, end, response => response.ErrorCode, cancellation);
        Assert.Equal(KafkaError.None, ended.ErrorCode);
    }
}
