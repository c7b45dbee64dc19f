using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

/// <summary>The limits that flags set, each seen to be kept.</summary>
public sealed class LimitTests
{
    private static Task<TestProxy> StartAsync(string broker, params string[] more) => TestProxy.StartAsync([$"--bootstrap-server-mapping={broker},127.0.0.1:0", .. more]);

    private static int LinesAboutClosing(TestProxy proxy) => proxy.Log.Split("Closed the connection of ").Length - 1;

    [Fact]
    public async Task ARequestAboveTheLargestFrameClosesItsConnectionWithOneLine()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker.Address, "--kafka-max-frame-size=2000");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(TestClient.RequestFrame(new HeartbeatRequest { GroupId = new string('g', 3000) }, 3, 1));
        Assert.True(await client.IsClosedByPeerAsync());
        await Eventually.HoldsAsync(() => LinesAboutClosing(proxy) == 1, "one line about it");
        Assert.Contains("from 8 to 2000 are possible", proxy.Log);
        Assert.DoesNotContain(broker.Seen, request => request.ApiKey == HeartbeatRequest.ApiKey);
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(-1)]
    [InlineData(3)]
    public async Task AResponseOfAnImpossibleSizeClosesItsConnectionWithOneLine(int size)
    {
        await using var broker = new ScriptedBroker();
        broker.AnswerRaw = request =>
        {
            var frame = new byte[12];
            BinaryPrimitives.WriteInt32BigEndian(frame, size);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), request.CorrelationId);
            return request.ApiKey == HeartbeatRequest.ApiKey ? frame : null;
        };
        await using var proxy = await StartAsync(broker.Address, "--kafka-max-frame-size=2000");
        using var bystander = await TestClient.ConnectAsync(proxy.Port);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, 1));
        Assert.True(await client.IsClosedByPeerAsync());
        await Eventually.HoldsAsync(() => LinesAboutClosing(proxy) == 1, "one line about it");
        Assert.Contains($"the broker sent a frame of {size} bytes", proxy.Log);
        await bystander.AskAsync(new MetadataRequest { Topics = [] }, 9);
    }

    [Theory]
    [InlineData(HeartbeatRequest.ApiKey)]
    [InlineData(ProduceRequest.ApiKey)]
    public async Task ABrokerThatTakesNothingForTheWriteTimeoutEndsTheConnectionWithOneLine(short key)
    {
        // One kind of request is copied, because it is small, the other one spliced.
        using var full = new TcpListener(IPAddress.Loopback, 0);
        full.Start();
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync(
            $"--bootstrap-server-mapping=127.0.0.1:{((IPEndPoint)full.LocalEndpoint).Port},127.0.0.1:0", $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--kafka-write-timeout=300ms",
            "--kafka-max-open-requests=65536");
        using var client = await TestClient.ConnectAsync(proxy.Ports[0]);
        var request = key == HeartbeatRequest.ApiKey
            ? TestClient.RequestFrame(new HeartbeatRequest { GroupId = new string('g', 8000) }, 3, 1)
            : TestClient.RequestFrame(new ProduceRequest { Acks = -1, TopicData = [new() { Name = "topic", PartitionData = [new() { Index = 0, Records = new byte[4 << 20] }] }] }, 9, 1);
        var failure = await Record.ExceptionAsync(async () =>
        {
            for (var sent = 0L; sent < 1L << 30; sent += request.Length)
            {
                await client.SendAsync(request);
            }
        });
        Assert.IsType<IOException>(failure);
        await Eventually.HoldsAsync(() => LinesAboutClosing(proxy) == 1, "one line about it");
        Assert.Contains("the broker has taken no bytes for --kafka-write-timeout", proxy.Log);
        using var other = await TestClient.ConnectAsync(proxy.Ports[1]);
        await other.AskAsync(new MetadataRequest { Topics = [] }, 9);
    }

    [Fact]
    public async Task TheProxysOwnRequestsBearItsClientId()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker.Address, "--kafka-client-id=of-team-a");
        await Eventually.HoldsAsync(() => broker.Seen.Any(request => Encoding.ASCII.GetString(request.Frame).Contains("of-team-a", StringComparison.Ordinal)), "a request with the id");
    }

    [Fact]
    public async Task SocketsAreSetAsTheFlagsSay()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        new Proxy.Settings.SocketSettings(TimeSpan.FromSeconds(77), 20_000, 30_000).ApplyTo(socket);
        await socket.ConnectAsync(listener.LocalEndpoint, TestContext.Current.CancellationToken);
        Assert.True(socket.NoDelay);
        Assert.Equal(1, socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
        Assert.Equal(77, socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime));

        // Linux answers twice what was asked for.
        Assert.Contains(socket.ReceiveBufferSize, new[] { 20_000, 40_000 });
        Assert.Contains(socket.SendBufferSize, new[] { 30_000, 60_000 });

        using var off = new Socket(SocketType.Stream, ProtocolType.Tcp);
        new Proxy.Settings.SocketSettings(TimeSpan.Zero, 0, 0).ApplyTo(off);
        Assert.Equal(0, off.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive));
    }
}
