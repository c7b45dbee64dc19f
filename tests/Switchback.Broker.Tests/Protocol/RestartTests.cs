using Switchback.Broker.Tests.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>What an embedded cluster still knows when it is started again on its data, and what it does when one of its brokers is stopped.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-restart-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Topics_ids_epochs_offsets_and_producer_ids_survive()
    {
        string id;
        Guid topicId;
        long producerId;
        await using (var cluster = await EmbeddedTarget.StartAsync(_directory))
        {
            await using var client = Client(cluster);
            await client.CreateTopicsAsync([new NewTopic("t", 2, 1, new Dictionary<string, string> { ["retention.ms"] = "1234567" })], Stop);
            await client.ProduceAsync(new TopicPartition("t", 1), Batches.Of("kept"), null, Stop);
            producerId = (await client.SendToAnyAsync(new InitProducerIdRequest { TransactionalId = null }, Stop)).ProducerId;
            await client.SendToCoordinatorAsync(CoordinatorType.Group, "g", Commit("g", cluster.Cluster.Topics.Find("t")!.Id, 1, 7), r => r.Topics[0].Partitions[0].ErrorCode, Stop);
            (id, topicId) = (cluster.ClusterId, cluster.Cluster.Topics.Find("t")!.Id);
        }

        await using var restarted = await EmbeddedTarget.StartAsync(_directory);
        var topic = restarted.Cluster.Topics.Find("t")!;
        Assert.Equal((id, topicId, 2, "1234567"), (restarted.ClusterId, topic.Id, topic.Partitions.Count, topic.Configuration["retention.ms"]));
        Assert.Equal(1, topic.Partitions[1].Log.EndOffset);
        Assert.Equal(1, topic.Partitions[1].LeaderEpoch);
        Assert.Equal(7, restarted.Cluster.Groups.Find("g")!.OffsetOf(new Broker.Groups.TopicPartition("t", 1))?.Offset);
        await using var again = Client(restarted);
        Assert.True((await again.SendToAnyAsync(new InitProducerIdRequest { TransactionalId = null }, Stop)).ProducerId > producerId);
    }

    [Fact]
    public async Task A_stopped_brokers_partitions_are_led_by_others_under_a_higher_epoch()
    {
        await using var cluster = await EmbeddedTarget.StartAsync(_directory);
        await using var client = Client(cluster);
        await client.CreateTopicsAsync([new NewTopic("t", 3, 3), new NewTopic("single", 3, 1)], Stop);
        var partition = cluster.Cluster.Topics.Find("t")!.Partitions.First(p => p.Leader == 2);
        await cluster.StopBrokerAsync(2);
        Assert.NotEqual(2, partition.Leader);
        Assert.Equal(1, partition.LeaderEpoch);
        Assert.Contains(cluster.Cluster.Topics.Find("single")!.Partitions, p => p.Leader == -1);
        await client.ProduceAsync(new TopicPartition("t", partition.Index), Batches.Of("a"), null, Stop);
        await cluster.StartBrokerAsync(2);

        // As with Apache Kafka the leader stays where it is until leaders are balanced; a partition that had none gets its own back.
        Assert.NotEqual(2, partition.Leader);
        Assert.DoesNotContain(cluster.Cluster.Topics.Find("single")!.Partitions, p => p.Leader == -1);
        cluster.Cluster.BalanceLeaders();
        Assert.Equal((2, 2), (partition.Leader, partition.LeaderEpoch));
    }

    [Fact]
    public async Task Whoever_asks_while_leaders_move_is_told_of_every_broker_that_leads()
    {
        await using var cluster = await EmbeddedTarget.StartAsync(_directory);
        await using var client = Client(cluster);
        await client.CreateTopicsAsync([.. Enumerable.Range(0, 30).Select(i => new NewTopic($"t{i}", 3, 3))], Stop);
        using var done = new CancellationTokenSource();
        var asking = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(AskAsync, Stop)));
        for (var round = 0; round < 10; round++)
        {
            await cluster.StopBrokerAsync(2);
            await cluster.StartBrokerAsync(2);
            cluster.Cluster.BalanceLeaders();
        }

        await done.CancelAsync();
        await asking;

        async Task AskAsync()
        {
            await using var connection = await RawConnection.ConnectAsync(KafkaEndpoint.ParseList(cluster.BootstrapServers)[0]);
            while (!done.IsCancellationRequested)
            {
                var metadata = await connection.AskAsync(new MetadataRequest { Topics = null }, 12);
                var brokers = metadata!.Brokers.Select(b => b.NodeId).ToHashSet();
                Assert.All(metadata.Topics.SelectMany(t => t.Partitions), p => Assert.Contains(p.LeaderId, brokers));
            }
        }
    }

    [Fact]
    public async Task A_long_log_of_groups_is_shortened_at_a_start_and_says_the_same()
    {
        var partition = new Broker.Groups.TopicPartition("t", 0);
        await using (var cluster = await EmbeddedTarget.StartAsync(_directory))
        {
            cluster.Cluster.Creation.Internal(InternalTopics.Offsets);
            for (var offset = 0; offset <= 2500; offset++)
            {
                var committed = new Broker.Groups.CommittedOffset(offset, -1, new string('x', 4000), 0);
                Assert.Equal(KafkaError.None, cluster.Cluster.Groups.FindOrCreate("g").Commit([new(partition, committed)]));
            }
        }

        for (var start = 0; start < 2; start++)
        {
            await using var cluster = await EmbeddedTarget.StartAsync(_directory);
            Assert.Equal(2500, cluster.Cluster.Groups.Find("g")!.OffsetOf(partition)?.Offset);
            Assert.Contains(cluster.Cluster.Topics.Find(InternalTopics.Offsets)!.Partitions, p => p.Log.StartOffset == 2501);
        }
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused()
    {
        await using var cluster = await EmbeddedTarget.StartAsync(_directory);
        await Assert.ThrowsAsync<Broker.Configuration.ConfigurationException>(() => EmbeddedTarget.StartAsync(_directory));
    }

    private static ClusterClient Client(EmbeddedCluster cluster) => new(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(cluster.BootstrapServers) });

    private static OffsetCommitRequest Commit(string group, Guid topic, int partition, long offset) => new()
    {
        GroupId = group,
        Topics = [new() { TopicId = topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = "" }] }],
    };
}
