namespace Switchback.Mirror.Tests.Clusters;

/// <summary>Apache Kafka.</summary>
internal sealed class ApacheTestCluster : ITestCluster
{
    private readonly ApacheKafkaCluster _cluster = ApacheKafkaCluster.Create();

    public string Bootstrap => _cluster.Bootstrap;

    public Task StartAsync() => _cluster.StartAsync();

    public Task KillAsync() => _cluster.KillAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
