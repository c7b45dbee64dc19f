using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

/// <summary>Many clients, bad clients and bad brokers: whoever misbehaves pays, nobody else.</summary>
public sealed class LoadAndFaultTests
{
    private static Task<TestProxy> StartAsync(ScriptedBroker broker, params string[] more) => TestProxy.StartAsync([$"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", .. more]);

    private static Task AskMetadataAsync(TestClient client) => client.AskAsync(new MetadataRequest { Topics = [] }, 9);

    private static int LinesAboutClosing(TestProxy proxy) => proxy.Log.Split("Closed the connection of ").Length - 1;

    private static byte[] Answer(int correlationId, int size)
    {
        var frame = new byte[size];
        BinaryPrimitives.WriteInt32BigEndian(frame, size - 4);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), correlationId);
        return frame;
    }

    [Fact]
    public async Task AThousandClientsAreServedAtOnce()
    {
        const int Clients = 1000;
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker);
        var clients = new ConcurrentBag<TestClient>();
        try
        {
            await Parallel.ForAsync(0, Clients, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
            {
                var client = await TestClient.ConnectAsync(proxy.Port);
                clients.Add(client);
                await AskMetadataAsync(client);
            });
            Assert.Contains($"proxy_opened_connections{{broker=\"{broker.Address}\"}} {Clients}\n", (await proxy.GetAsync("/metrics")).Text);

            // Those that were first are still served.
            await Parallel.ForEachAsync(clients, TestContext.Current.CancellationToken, async (client, _) => await AskMetadataAsync(client));
        }
        finally
        {
            foreach (var client in clients)
            {
                client.Dispose();
            }
        }

        await Eventually.HoldsAsync(
            async () => (await proxy.GetAsync("/metrics")).Text.Contains($"proxy_opened_connections{{broker=\"{broker.Address}\"}} 0\n", StringComparison.Ordinal), "all connections have ended");
        Assert.Equal(0, LinesAboutClosing(proxy));
    }

    [Fact]
    public async Task SlowReadersAreHeldEachByItselfAndLoseNothing()
    {
        const int Slow = 6;
        const int Asked = 40;
        const int Size = 1 << 20;
        await using var broker = new ScriptedBroker();
        var sent = new ConcurrentDictionary<int, int>();
        broker.AnswerRaw = request =>
        {
            if (request.ApiKey != HeartbeatRequest.ApiKey)
            {
                return null;
            }

            sent.AddOrUpdate(request.CorrelationId / Asked, 1, (_, count) => count + 1);
            return Answer(request.CorrelationId, Size);
        };
        await using var proxy = await StartAsync(broker, "--kafka-connection-read-buffer-size=65536", "--proxy-listener-write-buffer-size=65536");
        var clients = new List<TestClient>();
        for (var i = 0; i < Slow; i++)
        {
            clients.Add(await TestClient.ConnectAsync(proxy.Port));
            for (var question = 0; question < Asked; question++)
            {
                await clients[i].SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, (i * Asked) + question));
            }
        }

        // Nothing is read: no broker's connection gets further than what sockets hold.
        var before = -1;
        await Eventually.HoldsAsync(() => before == (before = sent.Values.Sum()) && sent.Count == Slow, "the broker waits on all of them");
        Assert.All(sent.Values, count => Assert.InRange(count, 1, Asked * 3 / 4));

        using (var quick = await TestClient.ConnectAsync(proxy.Port))
        {
            await AskMetadataAsync(quick);
        }

        foreach (var (i, client) in clients.Index())
        {
            for (var question = 0; question < Asked; question++)
            {
                var frame = await client.ReceiveAsync();
                Assert.Equal((Size - 4, (i * Asked) + question), (frame.Length, BinaryPrimitives.ReadInt32BigEndian(frame)));
                client.Received.Clear();
            }

            client.Dispose();
        }
    }

    [Theory]
    [InlineData("oversized", new byte[] { 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("negative", new byte[] { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("TLS", new byte[] { 0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 1 })]
    [InlineData("HTTP", new byte[] { 0x47, 0x45, 0x54, 0x20, 0x2f, 0x20, 0x48, 0x54, 0x54, 0x50, 0x2f, 0x31 })]
    [InlineData("unknown API", new byte[] { 0, 0, 0, 10, 0x7f, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff })]
    public async Task AFrameThatIsNoneClosesItsConnectionWithOneLine(string what, byte[] bytes)
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker);
        using var bystander = await TestClient.ConnectAsync(proxy.Port);
        await AskMetadataAsync(bystander);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(bytes);
        Assert.True(await client.IsClosedByPeerAsync(), what);
        await Eventually.HoldsAsync(() => LinesAboutClosing(proxy) == 1, "one line about it");
        await AskMetadataAsync(bystander);
        Assert.Equal(1, LinesAboutClosing(proxy));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public async Task ARequestThatEndsTooEarlyClosesItsConnectionWithOneLine(int length)
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker);
        using var client = await TestClient.ConnectAsync(proxy.Port);
        var frame = TestClient.RequestFrame(
            new ProduceRequest { Acks = -1, TopicData = [new() { Name = "topic", PartitionData = [new() { Index = 0, Records = new byte[length] }] }] }, 9, 1);
        await client.SendAsync(frame[..^10]);
        client.Stream.Socket.Shutdown(SocketShutdown.Send);
        Assert.True(await client.IsClosedByPeerAsync());
        await Eventually.HoldsAsync(() => LinesAboutClosing(proxy) == 1, "one line about it");
    }

    [Fact]
    public async Task RandomBytesNeverHarmAnyoneElse()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker);
        using var bystander = await TestClient.ConnectAsync(proxy.Port);
        var random = new Random(5);
        for (var round = 0; round < 100; round++)
        {
            using var client = await TestClient.ConnectAsync(proxy.Port);
            var bytes = new byte[random.Next(12, 2000)];
            random.NextBytes(bytes);
            await client.SendAsync(bytes);
            client.Stream.Socket.Shutdown(SocketShutdown.Send);
            Assert.True(await client.IsClosedByPeerAsync());
            await AskMetadataAsync(bystander);
        }

        await Eventually.HoldsAsync(() => LinesAboutClosing(proxy) == 100, "one line about each");
        Assert.DoesNotContain("level=error", proxy.Log);
    }

    [Fact]
    public async Task ABrokerThatHangsHoldsOnlyThoseWhoAskIt()
    {
        await using var broker = new ScriptedBroker();
        broker.AnswerRaw = request => request.ApiKey == HeartbeatRequest.ApiKey ? [] : null;
        await using var proxy = await StartAsync(broker);
        using var waiting = await TestClient.ConnectAsync(proxy.Port);
        await waiting.SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, 1));
        await Eventually.HoldsAsync(() => broker.Seen.Any(request => request.ApiKey == HeartbeatRequest.ApiKey), "the question has come");
        for (var i = 0; i < 20; i++)
        {
            using var other = await TestClient.ConnectAsync(proxy.Port);
            await AskMetadataAsync(other);
        }

        Assert.Equal(0, LinesAboutClosing(proxy));
    }

    [Fact]
    public async Task ABrokerThatAcceptsAndNeverSpeaksEndsWithTheDialTimeoutAndHarmsNobody()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync(
            $"--bootstrap-server-mapping=127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port},127.0.0.1:0", $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0",
            "--sasl-enable", "--sasl-username=u", "--sasl-password=p", "--kafka-dial-timeout=2s");
        using var waiting = await TestClient.ConnectAsync(proxy.Ports[0]);
        using var served = await TestClient.ConnectAsync(proxy.Ports[1]);
        await AskMetadataAsync(served);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("SASL took longer than"), "the reason in the log");

        // Behind a bootstrap port any broker is better than none.
        await AskMetadataAsync(waiting);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200_000)]
    public async Task ABrokerThatResetsInTheMiddleOfAnAnswerHarmsOnlyThatConnection(int sent)
    {
        using var resetting = new TcpListener(IPAddress.Loopback, 0);
        resetting.Start();
        var serving = ResetEachAsync(resetting, sent);
        await using var broker = new ScriptedBroker();
        await using (var proxy = await TestProxy.StartAsync(
            $"--bootstrap-server-mapping=127.0.0.1:{((IPEndPoint)resetting.LocalEndpoint).Port},127.0.0.1:0", $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0"))
        {
            using var bystander = await TestClient.ConnectAsync(proxy.Ports[1]);
            await AskMetadataAsync(bystander);
            using var victim = await TestClient.ConnectAsync(proxy.Ports[0]);
            await victim.SendAsync(TestClient.RequestFrame(new HeartbeatRequest(), 4, 1));
            var received = 0;
            try
            {
                while (await victim.Stream.ReadAsync(new byte[4096], TestContext.Current.CancellationToken) is > 0 and var read)
                {
                    received += read;
                }
            }
            catch (IOException)
            {
                // Reset here, too: as good an end as any.
            }

            Assert.InRange(received, 0, sent);
            await AskMetadataAsync(bystander);
            Assert.DoesNotContain("level=error", proxy.Log);
        }

        resetting.Stop();
        await serving;
    }

    private static async Task ResetEachAsync(TcpListener listener, int sent)
    {
        try
        {
            while (true)
            {
                using var accepted = await listener.AcceptSocketAsync();
                accepted.LingerState = new LingerOption(true, 0);
                await accepted.ReceiveAsync(new byte[1000]);
                await accepted.SendAsync(Answer(1, 4_000_000).AsMemory(0, sent));
            }
        }
        catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over: the listener was stopped while it waited, or between two connections.
        }
    }
}
