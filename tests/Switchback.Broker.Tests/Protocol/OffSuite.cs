namespace Switchback.Broker.Tests.Protocol;

/// <summary>What Java's clients are told who ask for what is off: the protocols of groups that came later, on the embedded cluster because it has none of them.</summary>
public abstract class OffSuite(ClusterTarget target)
{
    [Fact]
    public async Task A_member_of_a_new_group_is_told_that_there_are_none()
    {
        var said = await ConsumeAsync("console-consumer", "group.protocol=consumer");
        Assert.Contains("The cluster does not support the new CONSUMER group protocol", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_of_a_share_group_is_told_that_there_are_none()
    {
        var said = await ConsumeAsync("org.apache.kafka.tools.consumer.ConsoleShareConsumer", "client.id=sharing");
        Assert.Contains("UnsupportedVersionException", said, StringComparison.Ordinal);
    }

    private async Task<string> ConsumeAsync(string tool, string property)
    {
        await using var client = target.Client();
        var topic = (await Requests.TopicAsync(client)).Topic;
        var run = await ApacheKafka.RunAsync(
            [tool, "--bootstrap-server", target.Bootstrap, "--topic", topic, "--group", "group-" + Guid.NewGuid(), "--timeout-ms", "20000", "--command-property", property]);
        return run.All;
    }
}

public sealed class EmbeddedOffTests(EmbeddedTarget target) : OffSuite(target), IClassFixture<EmbeddedTarget>;

public sealed class ApacheOffTests(ApacheWithoutNewGroups target) : OffSuite(target), IClassFixture<ApacheWithoutNewGroups>;

/// <summary>Apache Kafka with the classic groups alone.</summary>
public sealed class ApacheWithoutNewGroups() : ApacheTarget(["group.coordinator.rebalance.protocols=classic"])
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (ApacheKafka.Home is not null)
            await ApacheKafka.ToolAsync("features", "--bootstrap-server", Bootstrap, "downgrade", "--feature", "share.version=0");
    }
}
