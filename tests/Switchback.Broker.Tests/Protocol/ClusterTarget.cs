using Switchback.Kafka.Client;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>A cluster the protocol suite runs against.</summary>
public abstract class ClusterTarget : IAsyncLifetime
{
    /// <summary>The bootstrap servers; the test is skipped with a reason where there is no such cluster.</summary>
    public abstract string Bootstrap { get; }

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    public ClusterClient Client() => new(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(Bootstrap), ClientId = "suite" });
}
