using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Broker.Configuration;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>The embedded cluster: three brokers in this process.</summary>
public class EmbeddedTarget : ClusterTarget
{
    private readonly string _configuration = "";
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-cluster-").FullName;
    private EmbeddedCluster? _cluster;

    public EmbeddedTarget()
    {
    }

    /// <param name="properties">Further lines of server.properties.</param>
    protected EmbeddedTarget(string[] properties) => _configuration = string.Join('\n', properties);

    public override string Bootstrap => _cluster!.BootstrapServers;

    public EmbeddedCluster Cluster => _cluster!;

    public override async ValueTask InitializeAsync() => _cluster = await StartAsync(_directory, _configuration);

    public override async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
        GC.SuppressFinalize(this);
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
