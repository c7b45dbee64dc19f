using System.Net;
using System.Net.Sockets;
using Switchback.Drills.Running.Faults;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Tests.Faults;

/// <summary>A cut holds the bytes of those it concerns, in the direction it concerns, and a healed one hands them over.</summary>
public sealed class ClusterRelayTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _broker = Listener();
    private readonly IPEndPoint _found = Free();
    private readonly Dictionary<int, RelayPeer> _peers = [];
    private readonly ClusterRelay _relay;

    public ClusterRelayTests() =>
        _relay = new ClusterRelay([(_found, (IPEndPoint)_broker.LocalEndPoint!)], peer => _peers.TryGetValue(peer.Port, out var known) ? known : RelayPeer.Client);

    public async ValueTask DisposeAsync()
    {
        await _relay.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task Bytes_pass_both_ways_and_an_end_is_passed_on()
    {
        var (client, server) = await ConnectAsync(RelayPeer.Client);
        await AssertPassesAsync(client, server, 1);
        await AssertPassesAsync(server, client, 2);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await EndAsync(server));
        await AssertPassesAsync(server, client, 3);
    }

    [Theory]
    [InlineData("requests", true, false)]
    [InlineData("responses", false, true)]
    [InlineData("both", true, true)]
    public async Task A_cut_holds_its_direction_and_healing_hands_over(string direction, bool holdsRequests, bool holdsResponses)
    {
        var (client, server) = await ConnectAsync(RelayPeer.Client);
        var (mirror, served) = await ConnectAsync(RelayPeer.Mirror);
        var (own, read) = await ConnectAsync(RelayPeer.Drill);
        _relay.Cut(new NetworkCut(true, false, Enum.Parse<CutDirection>(direction, ignoreCase: true)));

        // Sent before what passes by other ways: had it not been held it would be there by then.
        await SendAsync(client, 7);
        await SendAsync(server, 8);
        foreach (var round in new byte[] { 1, 2, 3 })
        {
            await AssertPassesAsync(mirror, served, round);
            await AssertPassesAsync(served, mirror, round);
            await AssertPassesAsync(own, read, round);
        }

        if (!holdsRequests)
        {
            Assert.Equal(7, await ReadAsync(server));
        }

        if (!holdsResponses)
        {
            Assert.Equal(8, await ReadAsync(client));
        }

        Assert.True(!holdsRequests || server.Available == 0, "what is sent to the cluster is held");
        Assert.True(!holdsResponses || client.Available == 0, "what the cluster sends is held");
        _relay.Heal();
        if (holdsRequests)
        {
            Assert.Equal(7, await ReadAsync(server));
        }

        if (holdsResponses)
        {
            Assert.Equal(8, await ReadAsync(client));
        }
    }

    [Fact]
    public async Task A_broker_that_is_away_closes_the_connection()
    {
        _broker.Dispose();
        using var client = await DialAsync(RelayPeer.Client);
        Assert.Equal(0, await EndAsync(client));
    }

    [Fact]
    public async Task The_kernel_says_whose_a_connection_is()
    {
        var (client, server) = await ConnectAsync(RelayPeer.Client);
        Assert.True(SocketOwner.Is((IPEndPoint)client.LocalEndPoint!, Environment.ProcessId));
        Assert.False(SocketOwner.Is((IPEndPoint)client.LocalEndPoint!, 1));
        Assert.False(SocketOwner.Is(Free(), Environment.ProcessId));
        Assert.True(server.Connected);
    }

    private async Task<(Socket Client, Socket Server)> ConnectAsync(RelayPeer peer)
    {
        var client = await DialAsync(peer);
        return (client, await _broker.AcceptAsync().WaitAsync(Patience));
    }

    private async Task<Socket> DialAsync(RelayPeer peer)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _peers[((IPEndPoint)client.LocalEndPoint!).Port] = peer;
        await client.ConnectAsync(_found);
        return client;
    }

    private static async Task AssertPassesAsync(Socket from, Socket to, byte value)
    {
        await SendAsync(from, value);
        Assert.Equal(value, await ReadAsync(to));
    }

    private static async Task SendAsync(Socket socket, byte value) => Assert.Equal(1, await socket.SendAsync(new[] { value }));

    private static async Task<byte> ReadAsync(Socket socket)
    {
        var buffer = new byte[1];
        Assert.Equal(1, await socket.ReceiveAsync(buffer).WaitAsync(Patience));
        return buffer[0];
    }

    private static async Task<int> EndAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static Socket Listener()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static IPEndPoint Free()
    {
        using var socket = Listener();
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
