using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>What a cluster gives up because nobody used it for long: the same tests for the embedded cluster and for Apache Kafka.</summary>
public abstract class ExpirySuite(ClusterTarget target)
{
    /// <summary>Everything is given up within seconds.</summary>
    protected static readonly string[] Configuration =
    [
        "producer.id.expiration.ms=1000",
        "producer.id.expiration.check.interval.ms=200",
        "transactional.id.expiration.ms=2000",
        "transaction.remove.expired.transaction.cleanup.interval.ms=300",
        "connections.max.idle.ms=4000",
        "log.retention.check.interval.ms=300",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_producer_is_forgotten_unless_its_transaction_is_open()
    {
        await using var client = target.Client();
        var (partition, name) = (await TopicAsync(client), "open-" + Guid.NewGuid());
        var transactional = await InitAsync(client, name);
        await AddAsync(client, name, transactional, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(transactional.ProducerId, transactional.ProducerEpoch, 0, "a"), name));
        var id = await ProducerIdAsync(client);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 0, "b")));

        IReadOnlyList<long> known = [];
        await Eventually.HoldsAsync(
            async () => !(known = await ProducersAsync(client, partition)).Contains(id), "the producer is forgotten", () => Task.FromResult(string.Join(',', known)));
        Assert.Equal([transactional.ProducerId], known);
        Assert.Equal((KafkaError.None, 2), await AppendAsync(client, partition, Batches.From(id, 0, 17, "begins anywhere")));
        Assert.Equal((KafkaError.None, 3), await AppendAsync(client, partition, Batches.InTransaction(transactional.ProducerId, transactional.ProducerEpoch, 1, "c"), name));
    }

    [Fact]
    public async Task A_transactional_id_that_is_not_used_is_forgotten_unless_its_transaction_is_open()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var (open, idle) = ("open-" + Guid.NewGuid(), "idle-" + Guid.NewGuid());
        var (going, ended) = (await InitAsync(client, open), await InitAsync(client, idle));
        await AddAsync(client, open, going, partition);
        await EmptyTransactionAsync(client, idle, ended, partition);

        await Eventually.HoldsAsync(async () => (await DescribeAsync(client, idle)).Error == KafkaError.TransactionalIdNotFound);
        var connection = await CoordinatorAsync(client, CoordinatorType.Transaction, idle);
        var late = new EndTxnRequest { TransactionalId = idle, ProducerId = ended.ProducerId, ProducerEpoch = ended.ProducerEpoch, Committed = true };
        Assert.Equal(KafkaError.InvalidProducerIdMapping, (await connection.SendAsync(late, 4, Stop)).ErrorCode);
        var again = await InitAsync(client, idle);
        Assert.NotEqual(ended.ProducerId, again.ProducerId);
        Assert.Equal(0, again.ProducerEpoch);
        Assert.Equal((KafkaError.None, "Ongoing"), await DescribeAsync(client, open));
    }

    [Theory]
    [InlineData("retention.bytes", "1500000")]
    [InlineData("retention.ms", "1000")]
    public async Task A_topic_gives_up_what_is_too_much_or_too_old_and_goes_on_where_it_was(string key, string value)
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client, new Dictionary<string, string> { [key] = value, ["segment.bytes"] = "1048576" });
        for (var i = 0; i < 5; i++)
            Assert.Equal((KafkaError.None, i), await AppendAsync(client, partition, Batches.Of(new string('x', 700_000))));
        await Eventually.HoldsAsync(async () => (await client.ListOffsetsAsync([partition], OffsetPlace.Earliest, IsolationLevel.ReadUncommitted, Stop))[partition].Offset >= 2);
        Assert.Equal(5, await LatestAsync(client, partition, IsolationLevel.ReadUncommitted));
        Assert.Equal((KafkaError.None, 5), await AppendAsync(client, partition, Batches.Of("next")));
        var leader = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        Assert.Equal(KafkaError.OffsetOutOfRange, (await leader.SendAsync(Fetch(partition.Topic, 0, 0), 12, Stop)).Responses[0].Partitions[0].ErrorCode);
    }

    /// <summary>Nothing was read or written for connections.max.idle.ms: that a request is being waited for does not count.</summary>
    [Fact]
    public async Task An_idle_connection_is_closed_and_one_at_work_is_not()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var endpoint = KafkaEndpoint.ParseList(target.Bootstrap)[0];
        await using var working = await RawConnection.ConnectAsync(endpoint);
        await using var idle = await RawConnection.ConnectAsync(endpoint);
        await using var silent = await RawConnection.ConnectAsync(endpoint);
        await using var waiting = await RawConnection.ConnectAsync(await LeaderAsync(client, partition));
        Assert.NotNull(await idle.AskAsync(new MetadataRequest { Topics = [] }, 12));
        var fetch = Fetch(partition.Topic, 0, 0);
        fetch.MaxWaitMs = 600_000;
        var closed = Task.WhenAll(ClosedAsync(idle.FrameAsync()), ClosedAsync(silent.FrameAsync()), ClosedAsync(waiting.AskAsync(fetch, 12)));
        while (!closed.IsCompleted)
            Assert.NotNull(await working.AskAsync(new MetadataRequest { Topics = [] }, 12));
        await closed;
        Assert.NotNull(await working.AskAsync(new MetadataRequest { Topics = [] }, 12));
    }

    private static async Task ClosedAsync<T>(Task<T?> answer)
        where T : class => Assert.Null(await answer);

    private static async Task<KafkaEndpoint> LeaderAsync(ClusterClient client, TopicPartition partition) =>
        (await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop)).Endpoint;

    private static async Task<IReadOnlyList<long>> ProducersAsync(ClusterClient client, TopicPartition partition)
    {
        var leader = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var described = await leader.SendAsync(new DescribeProducersRequest { Topics = [new() { Name = partition.Topic, PartitionIndexes = [partition.Partition] }] }, Stop);
        return [.. described.Topics[0].Partitions[0].ActiveProducers.Select(p => p.ProducerId)];
    }

    private static async Task<(KafkaError Error, string State)> DescribeAsync(ClusterClient client, string name)
    {
        var connection = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
        var described = (await connection.SendAsync(new DescribeTransactionsRequest { TransactionalIds = [name] }, Stop)).TransactionStates[0];
        return (described.ErrorCode, described.TransactionState);
    }
}

/// <summary>The embedded cluster, forgetful.</summary>
public sealed class EmbeddedExpiryTests(EmbeddedExpiryTests.Cluster target) : ExpirySuite(target), IClassFixture<EmbeddedExpiryTests.Cluster>
{
    public sealed class Cluster() : EmbeddedTarget(Configuration);
}

/// <summary>Apache Kafka, forgetful.</summary>
public sealed class ApacheExpiryTests(ApacheExpiryTests.Cluster target) : ExpirySuite(target), IClassFixture<ApacheExpiryTests.Cluster>
{
    /// <summary>It would begin to look at its logs after half a minute only.</summary>
    public sealed class Cluster() : ApacheTarget([.. Configuration, "log.initial.task.delay.ms=500"]);
}
