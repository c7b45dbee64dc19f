using Switchback.Mirror.Tests.Clusters;

namespace Switchback.Mirror.Tests.Campaign;

public sealed class RelayedEmbeddedPair : ClusterPair
{
    protected override ITestCluster Create() => new EmbeddedTestCluster(relayed: true);
}

public sealed class RelayedApachePair : ClusterPair
{
    public override string? Missing => ApacheKafka.Home is null ? ApacheKafka.WhyNot : null;

    protected override ITestCluster Create() => new ApacheTestCluster(relayed: true);
}
