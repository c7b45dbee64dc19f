using Switchback.Mirror.Tests.Campaign;

namespace Switchback.Mirror.Tests.Clusters;

/// <summary>Apache Kafka.</summary>
internal sealed class ApacheTestCluster : ITestCluster
{
    private readonly Relay? _relay;
    private readonly ApacheKafkaCluster _cluster;

    public ApacheTestCluster(bool relayed = false)
    {
        _relay = relayed ? new Relay(Ports.Free()) : null;
        _cluster = _relay is null
            ? ApacheKafkaCluster.Create()
            : ApacheKafkaCluster.Create(properties: FormattableString.Invariant($"advertised.listeners=CLIENTS://localhost:{_relay.Port}"));
    }

    public string Bootstrap => _relay is null ? _cluster.Bootstrap : FormattableString.Invariant($"localhost:{_relay.Port}");

    public string DataDirectory => Path.Combine(_cluster.DirectoryPath, "data");

    public async Task StartAsync()
    {
        await _cluster.StartAsync();
        if (_relay is not null)
            _relay.To = _cluster.BrokerPorts[0];
    }

    public Task KillAsync() => _cluster.KillAsync();

    public void Cut() => _relay?.Cut();

    public void Freeze() => _relay?.Freeze();

    public void Restore() => _relay?.Restore();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        if (_relay is not null)
            await _relay.DisposeAsync();
    }
}
