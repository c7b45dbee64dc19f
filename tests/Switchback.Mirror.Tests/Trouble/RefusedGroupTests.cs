using Switchback.Kafka.Client;
using Switchback.Mirror.Tests.Clusters;
using Switchback.Mirror.Tests.Copying;

namespace Switchback.Mirror.Tests.Trouble;

/// <summary>A target that takes the places of some groups and not of others, because what they say about them is longer than it allows.</summary>
public class RefusedGroupTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_group_that_the_target_refuses_holds_up_no_other()
    {
        ApacheKafka.RequireHome();
        await using var target = ApacheKafkaCluster.Create(properties: ["offset.metadata.max.bytes=8"]);
        await target.InitializeAsync();
        await using var source = new EmbeddedTestCluster();
        await source.StartAsync();
        await using var north = TopicData.Connect(source.Bootstrap);
        await using var west = TopicData.Connect(target.Bootstrap);
        var orders = new TopicPartition("orders", 0);
        await north.CreateTopicsAsync([new NewTopic(orders.Topic, 1)], Cancellation);
        await north.ProduceAsync(orders, TopicData.Batch(0, 10), null, Cancellation);
        foreach (var wordy in new[] { "a", "z" })
            await GroupOffsetsOfTests.CommitAsync(north, wordy, orders, 3, "more than eight bytes");
        await GroupOffsetsOfTests.CommitAsync(north, "m", orders, 7, "brief");

        await using var mirror = await MirrorChild.StartAsync($$"""
            clusters:
              north: { bootstrap.servers: "{{source.Bootstrap}}" }
              west: { bootstrap.servers: "{{target.Bootstrap}}" }
            links:
              - { name: clink, source: north, target: west, topics: [orders], configs: { cluster.link.prefix: north-, consumer.offset.sync.enable: true, consumer.offset.sync.ms: 100, auto.create.mirror.topics.enable: false } }
            """);

        var copy = new TopicPartition("north-orders", 0);
        await mirror.ReachesAsync(link => link.PartitionDetails is [{ SourceOffset: 10 }], "everything is copied");
        var place = (await TopicData.ReadRecordsAsync(west, copy))[7].Offset;
        await Eventually.HoldsAsync(async () => await GroupOffsetsOfTests.FetchAsync(west, "m", copy) == place, "the place of the group in between", within: TimeSpan.FromSeconds(60));
        await mirror.ReachesAsync(link => link is { Groups: 3, GroupsBehind: 2 }, "the other two are behind");
        Assert.Equal(-1, await GroupOffsetsOfTests.FetchAsync(west, "a", copy));
    }
}
