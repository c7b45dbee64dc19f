using System.Net;
using System.Net.Sockets;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

/// <summary>What <c>/ready</c> says in each case, and that it says it again when the case is over.</summary>
public sealed class ReadinessTests
{
    private static readonly string[] Login = ["--sasl-enable", "--sasl-username=u", "--sasl-password=p"];

    private static Task<TestProxy> StartAsync(string remotes, params string[] more) => TestProxy.StartAsync([$"--bootstrap-server-mapping={remotes},127.0.0.1:0", "--kafka-dial-timeout=500ms", .. more]);

    private static async Task NotReadyBecauseAsync(TestProxy proxy, params string[] reasons)
    {
        var said = (Status: 0, Text: "");
        await Eventually.HoldsAsync(
            async () => (said = await proxy.GetAsync("/ready")).Status == 503 && reasons.All(reason => said.Text.Contains(reason, StringComparison.Ordinal)),
            $"not ready: {string.Join(", ", reasons)}",
            () => Task.FromResult($"{said.Status} {said.Text}"));
        Assert.Contains("proxy_ready 0\n", (await proxy.GetAsync("/metrics")).Text);
        Assert.Equal((200, "OK"), await proxy.GetAsync("/health"));
    }

    private static async Task ReadyAsync(TestProxy proxy)
    {
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 200, "ready");
        Assert.Contains("proxy_ready 1\n", (await proxy.GetAsync("/metrics")).Text);
    }

    [Fact]
    public async Task WhereNobodyListensEveryServerIsNamedWithItsReason()
    {
        var (first, second) = (Ports.Free(), Ports.Free());
        await using var proxy = await StartAsync($"127.0.0.1:{first};127.0.0.1:{second}");
        await NotReadyBecauseAsync(proxy, $"127.0.0.1:{first}: connecting: ", $"127.0.0.1:{second}: connecting: ");
        await using var broker = new ScriptedBroker(second);
        await ReadyAsync(proxy);
    }

    [Fact]
    public async Task RefusedCredentialsAreTheReason()
    {
        await using var broker = new ScriptedBroker();
        var refuses = true;
        broker.Answer = request => request.ApiKey == SaslAuthenticateRequest.ApiKey && Volatile.Read(ref refuses)
            ? new SaslAuthenticateResponse { ErrorCode = KafkaError.SaslAuthenticationFailed, ErrorMessage = "Invalid username or password" }
            : null;
        await using var proxy = await StartAsync(broker.Address, Login);
        await NotReadyBecauseAsync(proxy, $"{broker.Address}: authentication failed: Invalid username or password");
        Volatile.Write(ref refuses, false);
        await ReadyAsync(proxy);
    }

    [Fact]
    public async Task AMechanismThatTheBrokerDoesNotHaveIsTheReason()
    {
        await using var broker = new ScriptedBroker();
        broker.Answer = request => request.ApiKey == SaslHandshakeRequest.ApiKey
            ? new SaslHandshakeResponse { ErrorCode = KafkaError.UnsupportedSaslMechanism, Mechanisms = ["OAUTHBEARER"] }
            : null;
        await using var proxy = await StartAsync(broker.Address, Login);
        await NotReadyBecauseAsync(proxy, "refuses SASL mechanism PLAIN", "offers OAUTHBEARER");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ABrokerThatHangsIsNotReachedThoughItsSystemAcceptsConnections(bool authenticates)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}";
        await using var proxy = await StartAsync(address, authenticates ? Login : []);
        await NotReadyBecauseAsync(proxy, $"{address}: {(authenticates ? "SASL took longer than 0.5 s" : "has not answered for 0.5 s")}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ABrokerThatBeginsToHangIsNoLongerReachedUntilItSpeaksAgain(bool authenticates)
    {
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker.Address, authenticates ? Login : []);
        await ReadyAsync(proxy);
        broker.AnswerRaw = _ => [];
        await NotReadyBecauseAsync(proxy, broker.Address, "0.5 s");
        broker.AnswerRaw = _ => null;
        await ReadyAsync(proxy);
    }

    [Fact]
    public async Task AnotherServerThatAnswersIsEnoughWhileTheFirstHangs()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync($"127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port};{broker.Address}");
        await ReadyAsync(proxy);
    }

    [Fact]
    public async Task WhatIsNoBrokerIsNotReached()
    {
        await using var broker = new ScriptedBroker();
        broker.AnswerRaw = _ => "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray();
        await using var proxy = await StartAsync(broker.Address);
        await NotReadyBecauseAsync(proxy, $"{broker.Address}: answers with a frame of", "no Kafka broker");
    }
}
