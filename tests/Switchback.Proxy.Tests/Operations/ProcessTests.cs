using System.Text;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Operations;

/// <summary>What only a process of its own shows: its command line, its signals, its memory.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task NoCredentialIsInTheProcessListTheLogOrAnyEndpoint()
    {
        await using var broker = new ScriptedBroker();
        var http = Ports.Free();
        using var proxy = ProxyProcess.Start(
        [
            $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", $"--http-listen-address=127.0.0.1:{http}", "--debug-enable", "--log-level=trace", "--sasl-enable", "--sasl-username=someone",
            "--sasl-password=canary-of-a-flag", "--tls-client-key-password", "canary-of-a-key", "--proxy-listener-key-password=canary-of-a-key",
        ]);
        using var client = await TestClient.ConnectAsync(proxy.Ports[0]);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.Contains(broker.Seen, request => Encoding.UTF8.GetString(request.Frame).Contains("canary-of-a-flag", StringComparison.Ordinal));

        var arguments = await File.ReadAllTextAsync($"/proc/{proxy.Id}/cmdline", TestContext.Current.CancellationToken);
        Assert.Contains("--sasl-password=****************", arguments);
        Assert.DoesNotContain("canary", arguments);
        Assert.DoesNotContain("canary", proxy.Log);
        using var asking = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{http}") };
        foreach (var path in new[] { "/", "/health", "/ready", "/metrics", "/debug/pprof/", "/debug/pprof/cmdline", "/debug/vars", "/config" })
        {
            Assert.DoesNotContain("canary", await (await asking.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task TheFirstSignalDrainsAndTheSecondEndsAtOnce()
    {
        await using var broker = new ScriptedBroker();
        using var proxy = ProxyProcess.Start([$"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--http-disable", "--shutdown-grace-period=10m"]);
        using var client = await TestClient.ConnectAsync(proxy.Ports[0]);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        await proxy.SignalAsync("TERM");
        await Eventually.HoldsAsync(() => proxy.Log.Contains("Draining: 1 client connections open"), "draining");
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        Assert.False(proxy.HasEnded);
        await proxy.SignalAsync("TERM");
        await proxy.EndedAsync();
        Assert.True(await client.IsClosedByPeerAsync());
    }

    [Fact]
    public async Task ADrainThatHasServedEverybodyEndsWithZero()
    {
        await using var broker = new ScriptedBroker();
        using var proxy = ProxyProcess.Start([$"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--http-disable", "--shutdown-quiet-period=100ms"]);
        using (var client = await TestClient.ConnectAsync(proxy.Ports[0]))
        {
            await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
            await proxy.SignalAsync("TERM");
            await Eventually.HoldsAsync(() => proxy.Log.Contains("Draining: "), "draining");
            await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
        }

        Assert.Equal(0, await proxy.EndedAsync());
        Assert.Contains("Drained", proxy.Log);
    }

    [Fact]
    public async Task TheOriginsContainerArgumentsWorkUnchanged()
    {
        // As its deployment gives them, but for the ports, which the system chooses here.
        var directory = Directory.CreateTempSubdirectory("proxy-origin-");
        try
        {
            using var certificates = new TestCertificates();
            await using var broker = new ScriptedBroker();
            await using var front = new TlsFront(broker, certificates.Issue("broker", host: "elsewhere.example"));
            var jaas = Path.Combine(directory.FullName, "jaas.config");
            await File.WriteAllTextAsync(
                jaas, "KafkaServer {\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username=\"KEY\"\n  password=\"SECRET\"\n };\n", TestContext.Current.CancellationToken);
            using var proxy = ProxyProcess.Start(
            [
                "--log-format=json", $"--bootstrap-server-mapping=localhost:{front.Port},127.0.0.1:0", "--tls-enable", "--tls-insecure-skip-verify", "--sasl-enable", $"--sasl-jaas-config-file={jaas}",
                $"--http-listen-address=127.0.0.1:{Ports.Free()}",
            ]);
            using var client = await TestClient.ConnectAsync(proxy.Ports[0]);
            await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
            Assert.Contains(broker.Seen, request => Encoding.UTF8.GetString(request.Frame).Contains("\0KEY\0SECRET", StringComparison.Ordinal));
            Assert.DoesNotContain("SECRET", proxy.Log);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
