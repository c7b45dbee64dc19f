using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Live;

/// <summary>How the proxy is let into Apache Kafka: SASL_SSL upstream. What clients do through it is in <c>Switchback.Clients.Tests</c>.</summary>
public sealed class ApacheKafkaTests(SecureApacheKafkaBroker kafka) : IClassFixture<SecureApacheKafkaBroker>
{
    private Task<TestProxy> StartAsync(params string[] more) => TestProxy.StartAsync(
    [
        $"--bootstrap-server-mapping=localhost:{kafka.BrokerPorts[0]},127.0.0.1:0", "--tls-enable", $"--tls-ca-chain-cert-file={kafka.CaFile}", "--sasl-enable",
        "--sasl-username=client", "--sasl-password=client-secret", .. more,
    ]);

    private static Task ReadyAsync(TestProxy proxy) => Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 200, $"ready; log: {proxy.Log}");

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
