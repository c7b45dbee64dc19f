using Switchback.Clients.Tests.Targets;

[assembly: AssemblyFixture(typeof(Clusters))]

namespace Switchback.Clients.Tests.Targets;

/// <summary>The clusters of all suites, ended with the last test.</summary>
public sealed class Clusters : IAsyncDisposable
{
    internal EmbeddedKafka Embedded { get; } = new();

    internal ApacheThreeBrokers Apache { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Embedded.DisposeAsync();
        await Apache.DisposeAsync();
    }

    internal TestedCluster this[Target target] => target is Target.Embedded or Target.EmbeddedThroughProxy ? Embedded : Apache;
}

/// <summary>What a suite is pointed at.</summary>
public enum Target
{
    Embedded,
    EmbeddedThroughProxy,
    Apache,
    ApacheThroughProxy,
}
