namespace Switchback.Mirror.Tests.Clusters;

/// <summary>Two clusters for the tests of a class.</summary>
public abstract class ClusterPair : IAsyncLifetime
{
    public ITestCluster North { get; private set; } = null!;

    public ITestCluster West { get; private set; } = null!;

    /// <summary>Why the pair is not there, or null.</summary>
    public virtual string? Missing => null;

    public async ValueTask InitializeAsync()
    {
        if (Missing is not null)
            return;
        (North, West) = (Create(), Create());
        await Task.WhenAll(North.StartAsync(), West.StartAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (Missing is not null)
            return;
        await North.DisposeAsync();
        await West.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract ITestCluster Create();
}

public sealed class EmbeddedPair : ClusterPair
{
    protected override ITestCluster Create() => new EmbeddedTestCluster();
}

public sealed class ApachePair : ClusterPair
{
    public override string? Missing => ApacheKafka.Home is null ? ApacheKafka.WhyNot : null;

    protected override ITestCluster Create() => new ApacheTestCluster();
}
