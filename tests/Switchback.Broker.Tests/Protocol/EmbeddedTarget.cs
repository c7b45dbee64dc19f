using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Broker.Configuration;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>The embedded cluster: three brokers in this process.</summary>
public sealed class EmbeddedTarget : ClusterTarget
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-cluster-").FullName;
    private EmbeddedCluster? _cluster;

    public override string Bootstrap => _cluster!.BootstrapServers;

    public EmbeddedCluster Cluster => _cluster!;

    public override async ValueTask InitializeAsync() => _cluster = await StartAsync(_directory);

    public override async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public static Task<EmbeddedCluster> StartAsync(string directory, string configuration = "", int brokers = 3)
    {
        var file = Path.Combine(directory, "server.properties");
        File.WriteAllText(file, "group.initial.rebalance.delay.ms=0\noffsets.topic.num.partitions=4\ntransaction.state.log.num.partitions=4\n" + configuration);
        var options = new BrokerOptions
        {
            Listen = [.. Enumerable.Repeat("127.0.0.1:0", brokers)],
            DataDirectory = Path.Combine(directory, "data"),
            ConfigurationFile = file,
        };
        return EmbeddedCluster.StartAsync(options, NullLogger.Instance);
    }
}
