using System.Buffers.Binary;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Relay;

public sealed class BareTokensTests
{
    private static byte[] Token(params byte[] bytes)
    {
        var token = new byte[4 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(token, bytes.Length);
        bytes.CopyTo(token, 4);
        return token;
    }

    [Theory]
    [InlineData("PLAIN", 1)]
    [InlineData("SCRAM-SHA-256", 2)]
    public async Task TokensWithoutHeadersPassAfterSaslHandshakeVersion0(string mechanism, int rounds)
    {
        // A token's first two bytes look like key 99 to the scripted broker; it answers the first ones with something, the last with an empty one.
        byte[] token = [0, 99, 1, 2, 3, 4];
        await using var broker = new ScriptedBroker();
        var answered = 0;
        broker.AnswerRaw = request => request.ApiKey == 99 ? (++answered < rounds ? Token(7, 7) : Token()) : null;
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new SaslHandshakeRequest { Mechanism = mechanism }, 0);
        for (var round = 1; round <= rounds; round++)
        {
            await client.SendAsync(Token(token));
            var answer = new byte[round < rounds ? 6 : 4];
            await client.Stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
            Assert.Equal(round < rounds ? Token(7, 7) : Token(), answer);
        }

        Assert.NotEmpty((await client.AskAsync(new MetadataRequest { Topics = [] }, 9)).Brokers);
        Assert.Equal(rounds, broker.Seen.Count(request => request.Frame.AsSpan().SequenceEqual(token)));
    }

    [Fact]
    public async Task AMechanismWhoseTokensCannotBeCountedIsRefusedInOneLine()
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await TestProxy.StartAsync($"--bootstrap-server-mapping={broker.Address},127.0.0.1:0");
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.SendAsync(TestClient.RequestFrame(new SaslHandshakeRequest { Mechanism = "GSSAPI" }, 0, 1));
        Assert.True(await client.IsClosedByPeerAsync());
        await Eventually.HoldsAsync(() => proxy.Log.Contains("SaslHandshake version 0 for GSSAPI"), "the reason in the log");
    }
}
