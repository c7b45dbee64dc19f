namespace Switchback.Broker.Tests.Protocol;

/// <summary>Apache Kafka, where a distribution is found.</summary>
public class ApacheTarget : ClusterTarget
{
    private readonly ApacheKafkaCluster _cluster;

    public ApacheTarget() => _cluster = ApacheKafkaCluster.Create();

    /// <param name="properties">Further lines of server.properties.</param>
    protected ApacheTarget(string[] properties) => _cluster = ApacheKafkaCluster.Create(1, secure: false, properties);

    public override string Bootstrap => _cluster.Bootstrap;

    public override ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public override async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
