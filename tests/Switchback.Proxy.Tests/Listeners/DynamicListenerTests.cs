using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Listeners;

public sealed class DynamicListenerTests
{
    private static async Task<List<(string Host, int Port)>> AddressesAsync(IEnumerable<int> nodeIds, params string[] flags)
    {
        await using var broker = new ScriptedBroker();
        broker.Nodes.AddRange(nodeIds.Select(id => (id, "127.0.0.1", 10_000 + id)));
        await using var proxy = await TestProxy.StartAsync([$"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", .. flags]);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var metadata = await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        return [.. metadata.Brokers.Select(node => (node.Host, node.Port))];
    }

    /// <summary>The first of six ports that are free now.</summary>
    private static int FreeRange()
    {
        var port = Ports.Free();
        return port > 65_000 ? port - 1000 : port;
    }

    [Fact]
    public async Task DeterministicPortsFollowTheNodeId()
    {
        var first = FreeRange();
        var addresses = await AddressesAsync([5, 2], "--deterministic-listeners", $"--dynamic-sequential-min-port={first}");
        Assert.Equal([("127.0.0.1", first + 5), ("127.0.0.1", first + 2)], addresses);
    }

    [Fact]
    public async Task DeterministicPortsWrapAround()
    {
        var first = FreeRange();
        var addresses = await AddressesAsync([5, 6], "--deterministic-listeners", $"--dynamic-sequential-min-port={first}", "--dynamic-sequential-max-ports=3");
        Assert.Equal([("127.0.0.1", first + 2), ("127.0.0.1", first)], addresses);
    }

    [Fact]
    public async Task SequentialPortsComeOneAfterTheOther()
    {
        var first = FreeRange();
        var addresses = await AddressesAsync([1, 2, 3], $"--dynamic-sequential-min-port={first}", "--dynamic-sequential-max-ports=6");
        Assert.All(addresses, address => Assert.InRange(address.Port, first, first + 5));
        Assert.Equal(3, addresses.Distinct().Count());
    }

    [Fact]
    public async Task TheAdvertisedNameIsATemplate()
    {
        var addresses = await AddressesAsync([7, 8], "--dynamic-advertised-listener=b{{.brokerId}}.example:443");
        Assert.Equal([("b7.example", 443), ("b8.example", 443)], addresses);
        addresses = await AddressesAsync([7], "--dynamic-advertised-listener=b{{.brokerId}}.example");
        Assert.Equal("b7.example", addresses[0].Host);
        Assert.NotEqual(443, addresses[0].Port);
    }

    [Fact]
    public async Task ListeningEverywhereAdvertisesTheBootstrapMappingsName()
    {
        var addresses = await AddressesAsync([7], "--default-listener-ip=0.0.0.0");
        Assert.Equal("127.0.0.1", addresses[0].Host);
    }

    [Fact]
    public async Task WithoutDynamicListenersAnUnmappedBrokerEndsTheConnection()
    {
        await using var broker = new ScriptedBroker();
        broker.Nodes.Add((1, "unmapped.example", 9092));
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--dynamic-listeners-disable");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(TestClient.RequestFrame(new MetadataRequest { Topics = [] }, 9, 1));
        Assert.True(await client.IsClosedByPeerAsync());
        await Eventually.HoldsAsync(() => proxy.Log.Contains("unmapped.example:9092 has no mapping"), "the reason in the log");
    }

    [Fact]
    public async Task AnExternalMappingIsAnsweredWithoutAListener()
    {
        await using var broker = new ScriptedBroker();
        broker.Nodes.Add((1, "mapped.example", 9092));
        await using var proxy = await TestProxy.StartAsync(
            $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--dynamic-listeners-disable", "--external-server-mapping=mapped.example:9092,elsewhere.example:7");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var metadata = await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Equal(("elsewhere.example", 7), (metadata.Brokers[0].Host, metadata.Brokers[0].Port));
    }
}
