using Switchback.Broker.Storage;
using Switchback.Kafka.Client;

namespace Switchback.Broker.Tests.Faults;

/// <summary>Apache Kafka with three brokers, where a distribution is found.</summary>
public sealed class ApacheFaultTarget : FaultTarget
{
    private readonly ApacheKafkaCluster _cluster = ApacheKafkaCluster.Create(3, secure: false, [.. Configuration, "broker.heartbeat.interval.ms=500"]);

    public override string Bootstrap => _cluster.Bootstrap;

    public override ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public override ValueTask DisposeAsync() => _cluster.DisposeAsync();

    public override Task KillBrokerAsync(int broker) => _cluster.KillAsync(broker);

    public override Task StopBrokerAsync(int broker) => _cluster.StopAsync(broker);

    public override Task StartBrokerAsync(int broker) => _cluster.StartAsync();

    public override Task BalanceLeadersAsync() =>
        ApacheKafka.ToolAsync("leader-election", "--bootstrap-server", Bootstrap, "--election-type", "preferred", "--all-topic-partitions");

    /// <summary>The machine under it cannot be switched off: its file is cut where the power would have left it.</summary>
    public override async Task LosePowerAsync(TopicPartition partition, long kept)
    {
        await _cluster.KillAsync();
        var directories = Directory.GetDirectories(_cluster.DirectoryPath, $"{partition.Topic}-{partition.Partition}", SearchOption.AllDirectories);
        using (var segment = LogSegment.Open(Assert.Single(directories), 0))
            segment.TruncateTo(SegmentScanner.Find(segment, 0, h => h.BaseOffset >= kept)!.Value.Position);
        await _cluster.StartAsync();
    }
}
