using Switchback.Kafka.Client;
using Switchback.Mirror.Tests.Clusters;
using Switchback.Mirror.Tests.Copying;

namespace Switchback.Mirror.Tests.Trouble;

/// <summary>A source with two brokers, one of which alone has what is copied.</summary>
public class LostLeaderTests
{
    private const int Broker = 2;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partition_that_was_without_a_leader_is_read_when_it_has_one_again()
    {
        ApacheKafka.RequireHome();
        await using var source = ApacheKafkaCluster.Create(2, properties: ["broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500"]);
        await source.InitializeAsync();
        await using var target = new EmbeddedTestCluster();
        await target.StartAsync();
        await using var north = TopicData.Connect(source.Bootstrap);
        await using var west = TopicData.Connect(target.Bootstrap);
        var orders = await CreateOnBrokerAsync(north);
        await ProduceAsync(north, orders, 0);
        await using var mirror = await MirrorChild.StartAsync($$"""
            clusters:
              north: { bootstrap.servers: "{{source.Bootstrap}}" }
              west: { bootstrap.servers: "{{target.Bootstrap}}" }
            links:
              - { name: clink, source: north, target: west, topics: [{{orders.Topic}}], configs: { cluster.link.prefix: north-, auto.create.mirror.topics.enable: false } }
            """);
        await CopiedAsync(10);

        await source.KillAsync(Broker);

        // That it cannot connect to the leader is seen for as long as the controller takes to notice, which is not for a test to count on.
        await Eventually.HoldsAsync(async () => await LeaderAsync() == -1, "there is no leader");
        await mirror.ReachesAsync(link => link.LagRecords is null && link.Problem is null, "it was told that there is no leader");

        await source.StartAsync();
        await Eventually.HoldsAsync(async () => await LeaderAsync() == Broker, "the leader is back");
        await ProduceAsync(north, orders, 10);
        await CopiedAsync(20);

        async Task<int> LeaderAsync() => (await north.RefreshMetadataAsync([orders.Topic], Cancellation)).FindPartition(orders)!.LeaderId;

        Task CopiedAsync(long records) => mirror.ReachesAsync(link => link.PartitionDetails.Any(p => p.SourceOffset == records), $"{records} records are copied");
    }

    private static Task ProduceAsync(ClusterClient client, TopicPartition partition, int first) => client.ProduceAsync(partition, TopicData.Batch(first, 10), null, Cancellation);

    private static async Task<TopicPartition> CreateOnBrokerAsync(ClusterClient client)
    {
        for (var i = 0; i < 20; i++)
        {
            var partition = new TopicPartition($"orders-{i}", 0);
            await client.CreateTopicsAsync([new NewTopic(partition.Topic, 1, 1)], Cancellation);
            if (await client.GetLeaderAsync(partition, Cancellation) == Broker)
                return partition;
        }

        throw new InvalidOperationException($"broker {Broker} leads none of 20 topics");
    }
}
