using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Records;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>What a cluster must do, whoever made it: the same tests for the embedded one and for Apache Kafka, which is right where they differ.</summary>
public abstract partial class ProtocolSuite(ClusterTarget target)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_come_back_in_order_and_at_their_offsets()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        for (var i = 0; i < 20; i++)
            Assert.Equal(i, (await client.ProduceAsync(partition, Batches.Of($"v{i}"), null, Stop)).BaseOffset);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"v{i}"), await ValuesAsync(client, partition));
        var offsets = await client.ListOffsetsAsync([partition], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Stop);
        Assert.Equal(20, offsets[partition].Offset);
    }

    [Theory]
    [InlineData("two batches", KafkaError.InvalidRecord)]
    [InlineData("bad checksum", KafkaError.CorruptMessage)]
    [InlineData("count does not fit", KafkaError.InvalidRecord)]
    [InlineData("transactional without a transaction", KafkaError.TransactionalIdAuthorizationFailed)]
    public async Task What_is_not_one_sound_batch_is_refused(string kind, KafkaError expected)
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        byte[] batch = kind switch
        {
            "two batches" => [.. Batches.Of("a"), .. Batches.Of("b")],
            "bad checksum" => Flip(Batches.Of("a")),
            "count does not fit" => Recount(Batches.Of("a", "b")),
            _ => Batches.InTransaction(1, 0, 0, "a"),
        };
        Assert.Equal(expected, await ProduceOnceAsync(client, partition, batch));
    }

    [Fact]
    public async Task An_idempotent_producer_is_held_to_its_sequence()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var id = await ProducerIdAsync(client);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 0, "a")));
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 0, "a")));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 2, "c")));
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 1, "b")));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, await ProduceOnceAsync(client, partition, Batches.From(id, 1, 5, "x")));
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.From(id, 1, 0, "c")));
        Assert.Equal(KafkaError.InvalidProducerEpoch, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 2, "old")));
        Assert.Equal(["a", "b", "c"], await ValuesAsync(client, partition));
    }

    [Fact]
    public async Task A_producer_the_partition_does_not_know_may_begin_anywhere()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var id = await ProducerIdAsync(client);
        Assert.Equal((KafkaError.None, 0), await AppendAsync(client, partition, Batches.From(id, 3, 17, "after it was forgotten")));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, await ProduceOnceAsync(client, partition, Batches.From(id, 3, 19, "gap")));
        Assert.Equal((KafkaError.None, 1), await AppendAsync(client, partition, Batches.From(id, 3, 18, "next")));
    }

    /// <summary>How the mirror writes: an empty transaction fences its predecessor everywhere, then come plain batches under the same producer id.</summary>
    [Fact]
    public async Task An_empty_transaction_fences_a_zombie_that_writes_plain_batches()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var name = "mirror-" + Guid.NewGuid();
        var zombie = await InitAsync(client, name);
        await EmptyTransactionAsync(client, name, zombie, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.From(zombie.ProducerId, zombie.ProducerEpoch, 0, "a")));
        var successor = await InitAsync(client, name);
        Assert.Equal(zombie.ProducerId, successor.ProducerId);
        Assert.True(successor.ProducerEpoch > zombie.ProducerEpoch);
        await EmptyTransactionAsync(client, name, successor, partition);
        Assert.Equal(KafkaError.InvalidProducerEpoch, await ProduceOnceAsync(client, partition, Batches.From(zombie.ProducerId, zombie.ProducerEpoch, 1, "z")));
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.From(successor.ProducerId, successor.ProducerEpoch, 0, "b")));
        Assert.Equal(["a", "b"], await ValuesAsync(client, partition));
    }

    [Fact]
    public async Task A_reader_of_committed_records_sees_what_was_committed_when_it_was()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var name = "tx-" + Guid.NewGuid();
        var producer = await InitAsync(client, name);
        await AddAsync(client, name, producer, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 0, "aborted"), name));
        Assert.Equal(0, await LatestAsync(client, partition, IsolationLevel.ReadCommitted));
        Assert.Equal(1, await LatestAsync(client, partition, IsolationLevel.ReadUncommitted));
        await EndAsync(client, name, producer, commit: false);
        await AddAsync(client, name, producer, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 1, "committed"), name));
        await EndAsync(client, name, producer, commit: true);
        await Eventually.HoldsAsync(async () => await LatestAsync(client, partition, IsolationLevel.ReadCommitted) == 4);
        var fetched = await client.FetchAsync(new FetchPosition(partition, 0), new FetchSettings { Isolation = IsolationLevel.ReadCommitted }, Stop);
        Assert.Equal([(producer.ProducerId, 0L)], fetched.Data.AbortedTransactions!.Select(a => (a.ProducerId, a.FirstOffset)));
    }

    [Fact]
    public async Task A_committed_offset_is_kept_and_a_group_with_members_takes_none_from_strangers()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var group = "group-" + Guid.NewGuid();
        Assert.Equal(KafkaError.None, await CommitAsync(client, group, partition, 5));
        Assert.Equal(5, await CommittedAsync(client, group, partition));
        var joined = await JoinAsync(client, group);
        Assert.Equal(KafkaError.UnknownMemberId, await CommitAsync(client, group, partition, 6));
        Assert.Equal(KafkaError.RebalanceInProgress, await CommitAsync(client, group, partition, 6, joined));
        Assert.Equal(5, await CommittedAsync(client, group, partition));
    }

    [Fact]
    public async Task Unknown_topics_and_offsets_get_their_own_errors()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var response = await connection.SendAsync(Fetch(partition.Topic, 0, 7), 12, Stop);
        Assert.Equal(KafkaError.OffsetOutOfRange, response.Responses[0].Partitions[0].ErrorCode);
        response = await connection.SendAsync(Fetch("nothing-of-that-name", 0, 0), 12, Stop);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, response.Responses[0].Partitions[0].ErrorCode);
        response = await connection.SendAsync(Fetch(partition.Topic, 9, 0), 12, Stop);
        Assert.Equal(KafkaError.UnknownTopicOrPartition, response.Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public async Task A_fetch_session_names_only_what_changed()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var full = Fetch(partition.Topic, 0, 0);
        full.SessionEpoch = 0;
        var begun = await connection.SendAsync(full, 12, Stop);
        Assert.True(begun.SessionId > 0);
        Assert.Single(begun.Responses);
        var quiet = await connection.SendAsync(Incremental(begun.SessionId, 1), 12, Stop);
        Assert.Empty(quiet.Responses);
        await client.ProduceAsync(partition, Batches.Of("a"), null, Stop);
        var news = await connection.SendAsync(Incremental(begun.SessionId, 2), 12, Stop);
        Assert.Equal(1, news.Responses[0].Partitions[0].HighWatermark);
        Assert.Equal(KafkaError.InvalidFetchSessionEpoch, (await connection.SendAsync(Incremental(begun.SessionId, 9), 12, Stop)).ErrorCode);
        Assert.Equal(KafkaError.FetchSessionIdNotFound, (await connection.SendAsync(Incremental(12345, 1), 12, Stop)).ErrorCode);
    }

    private static byte[] Flip(byte[] batch)
    {
        batch[^1] ^= 1;
        return batch;
    }

    private static byte[] Recount(byte[] batch)
    {
        batch[26] = 5;
        RecordBatchPatch.WriteCrc(batch);
        return batch;
    }
}

/// <summary>The suite against the embedded cluster.</summary>
public sealed class EmbeddedProtocolTests(EmbeddedTarget target) : ProtocolSuite(target), IClassFixture<EmbeddedTarget>;

/// <summary>The suite against Apache Kafka.</summary>
public sealed class ApacheProtocolTests(ApacheTarget target) : ProtocolSuite(target), IClassFixture<ApacheTarget>;
