using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Live;

/// <summary>Foreign clients through the proxy to Apache Kafka: three brokers, one of them mapped, SASL_SSL upstream.</summary>
public sealed class ApacheKafkaTests(SecureApacheKafkaBrokers kafka) : IClassFixture<SecureApacheKafkaBrokers>
{
    private Task<TestProxy> StartAsync(params string[] more) => TestProxy.StartAsync(
    [
        $"--bootstrap-server-mapping=localhost:{kafka.BrokerPorts[0]};localhost:{kafka.BrokerPorts[1]},127.0.0.1:0", "--tls-enable", $"--tls-ca-chain-cert-file={kafka.CaFile}", "--sasl-enable",
        "--sasl-username=client", "--sasl-password=client-secret", .. more,
    ]);

    private static Task ReadyAsync(TestProxy proxy) => Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 200, $"ready; log: {proxy.Log}");

    [Fact]
    public async Task JavaClientsProduceInTransactionsAndConsumeInANewGroupWhileABrokerDies()
    {
        ApacheKafka.RequireHome();
        await using var proxy = await StartAsync();
        await ReadyAsync(proxy);
        var address = $"127.0.0.1:{proxy.Port}";
        await ApacheKafka.ToolAsync("topics", "--bootstrap-server", address, "--create", "--topic", "java", "--partitions", "6", "--replication-factor", "3");
        var described = await ApacheKafka.ToolAsync("topics", "--bootstrap-server", address, "--describe", "--topic", "java");
        Assert.Contains("PartitionCount: 6", described.Output);
        await ApacheKafka.ToolAsync(
            "producer-perf-test", "--topic", "java", "--num-records", "3000", "--record-size", "500", "--throughput", "-1", "--transactional-id", "chuck", "--transaction-duration-ms", "100",
            "--command-property", $"bootstrap.servers={address}");

        await kafka.KillAsync(3);
        try
        {
            await ApacheKafka.ToolAsync(
                "producer-perf-test", "--topic", "java", "--num-records", "3000", "--record-size", "500", "--throughput", "-1", "--command-property", $"bootstrap.servers={address}", "acks=all");
            var consumed = await ApacheKafka.ToolAsync(
                "console-consumer", "--bootstrap-server", address, "--topic", "java", "--from-beginning", "--max-messages", "6000", "--isolation-level", "read_committed",
                "--group", "java-group", "--consumer-property", "group.protocol=consumer");
            Assert.Contains("Processed a total of 6000 messages", consumed.All);
        }
        finally
        {
            await kafka.StartAsync();
        }

        var (_, metrics) = await proxy.GetAsync("/metrics");
        Assert.Contains("proxy_requests_total{api_key=\"68\"", metrics);
        Assert.DoesNotContain("level=error", proxy.Log);
    }

    [Fact]
    public async Task KcatProducesConsumesAndSeesNoUpstreamAddress()
    {
        ApacheKafka.RequireHome();
        Tool.Require("kcat");
        await using var proxy = await StartAsync();
        await ReadyAsync(proxy);
        var address = $"127.0.0.1:{proxy.Port}";
        var file = Path.Combine(kafka.DirectoryPath, "lines");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 500).Select(i => $"line-{i}"), TestContext.Current.CancellationToken);
        await Tool.RunAsync("kcat", ["-b", address, "-P", "-t", "kcat", "-X", "enable.idempotence=true", "-l", file]);
        var read = await Tool.RunAsync("kcat", ["-b", address, "-C", "-t", "kcat", "-o", "beginning", "-e", "-q"]);
        Assert.Equal(500, read.Output.Split('\n').Count(line => line.StartsWith("line-", StringComparison.Ordinal)));
        var listed = await Tool.RunAsync("kcat", ["-b", address, "-L", "-X", "debug=broker,metadata,protocol"]);
        Assert.DoesNotContain(kafka.BrokerPorts, port => listed.All.Contains($":{port}", StringComparison.Ordinal));
        Assert.Contains("3 brokers", listed.All);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task ScramAuthenticates(string mechanism)
    {
        ApacheKafka.RequireHome();
        await using var proxy = await StartAsync($"--sasl-method={mechanism}");
        await ReadyAsync(proxy);
        await using var wrong = await StartAsync($"--sasl-method={mechanism}", "--sasl-password=not-it");
        await Eventually.HoldsAsync(() => wrong.Log.Contains("authentication failed"), "the refusal");
        Assert.Equal(503, (await wrong.GetAsync("/ready")).Status);
    }

    [Fact]
    public async Task AnUnknownAuthorityIsRefusedUnlessToldOtherwiseAndThenSaidLoudly()
    {
        ApacheKafka.RequireHome();
        string[] basic = [$"--bootstrap-server-mapping=localhost:{kafka.BrokerPorts[0]},127.0.0.1:0", "--tls-enable", "--sasl-enable", "--sasl-username=client", "--sasl-password=client-secret"];
        await using (var strict = await TestProxy.StartAsync(basic))
        {
            await Eventually.HoldsAsync(() => strict.Log.Contains("TLS: "), "the refusal");
            Assert.Contains("certificate", (await strict.GetAsync("/ready")).Text);
        }

        await using var lenient = await TestProxy.StartAsync([.. basic, "--tls-insecure-skip-verify"]);
        await ReadyAsync(lenient);
        Assert.Contains("NOT verified", lenient.Log);
    }

    [Fact]
    public async Task AHostThatTheCertificateDoesNotNameIsRefused()
    {
        ApacheKafka.RequireHome();
        await using var proxy = await TestProxy.StartAsync(
            $"--bootstrap-server-mapping=other.example:{kafka.BrokerPorts[0]},127.0.0.1:0", $"--dial-address-mapping=other.example:{kafka.BrokerPorts[0]},127.0.0.1:{kafka.BrokerPorts[0]}", "--tls-enable",
            $"--tls-ca-chain-cert-file={kafka.CaFile}", "--sasl-enable", "--sasl-username=client", "--sasl-password=client-secret");
        await Eventually.HoldsAsync(() => proxy.Log.Contains("RemoteCertificateNameMismatch"), $"the refusal");
    }

    [Fact]
    public async Task AChangedJaasFileIsTakenOnlyOnceItAuthenticates()
    {
        ApacheKafka.RequireHome();
        var file = Path.Combine(kafka.DirectoryPath, "jaas.config");
        await File.WriteAllTextAsync(file, Jaas("client", "client-secret"), TestContext.Current.CancellationToken);
        await using var proxy = await StartAsync($"--sasl-jaas-config-file={file}");
        await ReadyAsync(proxy);
        await File.WriteAllTextAsync(file, Jaas("north", "of-another-cluster"), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("is not taken"), "kept");
        await File.WriteAllTextAsync(file, Jaas("admin", "admin-secret"), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("authenticates: taken"), "taken");
        Assert.Equal(200, (await proxy.GetAsync("/ready")).Status);
        Assert.DoesNotContain("of-another-cluster", proxy.Log);
    }

    private static string Jaas(string user, string password) =>
        $"KafkaServer {{\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username=\"{user}\"\n  password=\"{password}\"\n }};\n";
}
