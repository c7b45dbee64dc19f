namespace Switchback.Broker.Tests.Faults;

/// <summary>The embedded cluster, as a process.</summary>
public sealed class EmbeddedFaultTarget : FaultTarget
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-faults-").FullName;
    private ClusterProcess? _cluster;

    public override string Bootstrap => Cluster.Bootstrap;

    internal ClusterProcess Cluster
    {
        get
        {
            BuiltProgram.Path();
            return _cluster!;
        }
    }

    public override ValueTask InitializeAsync()
    {
        _cluster = new ClusterProcess(string.Join('\n', Configuration), 3, _directory);
        _cluster.Start();
        return ValueTask.CompletedTask;
    }

    public override Task KillBrokerAsync(int broker) => Cluster.ControlAsync("kill", broker);

    public override Task StopBrokerAsync(int broker) => Cluster.ControlAsync("stop", broker);

    public override Task StartBrokerAsync(int broker) => Cluster.ControlAsync("start", broker);

    /// <summary>A broker that is back coordinates its groups again at once.</summary>
    public override Task BalanceLeadersAsync() => Task.CompletedTask;

    public override Task LosePowerAsync(Kafka.Client.TopicPartition partition, long kept)
    {
        Cluster.Kill();
        Cluster.Start("--after", "power-loss");
        Assert.Contains($"{partition.Topic}-{partition.Partition} lost", Cluster.Log, StringComparison.Ordinal);
        Assert.Contains($"It ends at offset {kept}", Cluster.Log, StringComparison.Ordinal);
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        _cluster?.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}
