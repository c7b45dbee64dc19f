namespace Switchback.Broker.Tests.Protocol;

/// <summary>Apache Kafka, where a distribution is found.</summary>
public sealed class ApacheTarget : ClusterTarget
{
    private readonly ApacheKafkaCluster _cluster = ApacheKafkaCluster.Create();

    public override string Bootstrap => _cluster.Bootstrap;

    public override ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public override ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
