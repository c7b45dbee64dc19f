using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Upstream;

/// <summary>TLS to the brokers: what is verified, what is shown, and what is read again.</summary>
public sealed class BrokerTlsTests
{
    private static Task<TestProxy> StartAsync(TlsFront front, params string[] more) =>
        TestProxy.StartAsync([$"--bootstrap-server-mapping=localhost:{front.Port},127.0.0.1:0", "--tls-enable", "--kafka-dial-timeout=5s", .. more]);

    private static async Task ServesAsync(TestProxy proxy)
    {
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Status == 200, "ready", () => Task.FromResult(proxy.Log));
        using var client = await TestClient.ConnectAsync(proxy.Port);
        await client.AskAsync(new MetadataRequest { Topics = [] }, 9);
    }

    private static async Task RefusesAsync(TestProxy proxy, string reason)
    {
        await Eventually.HoldsAsync(async () => (await proxy.GetAsync("/ready")).Text.Contains(reason, StringComparison.Ordinal), reason, () => Task.FromResult(proxy.Log));
        using var client = await TestClient.ConnectAsync(proxy.Port);
        Assert.True(await client.IsClosedByPeerAsync());
    }

    [Fact]
    public async Task TheChainIsVerifiedUnlessToldOtherwiseAndThenItIsSaidLoudly()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var front = new TlsFront(broker, certificates.Issue("broker"));
        await using (var right = await StartAsync(front, $"--tls-ca-chain-cert-file={certificates.AuthorityFile}"))
        {
            await ServesAsync(right);
            Assert.DoesNotContain("NOT verified", right.Log);
        }

        await using (var wrong = await StartAsync(front, $"--tls-ca-chain-cert-file={strangers.AuthorityFile}"))
        {
            await RefusesAsync(wrong, "TLS: ");
        }

        await using (var none = await StartAsync(front))
        {
            await RefusesAsync(none, "TLS: ");
        }

        await using var lenient = await StartAsync(front, "--tls-insecure-skip-verify");
        await ServesAsync(lenient);
        Assert.Contains("level=warning msg=\"TLS to the brokers is NOT verified", lenient.Log);
    }

    [Fact]
    public async Task TheHostIsVerifiedByTheNameThatWasMappedNotTheOneThatIsDialled()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var front = new TlsFront(broker, certificates.Issue("broker", host: "broker.example"));
        await using (var other = await StartAsync(front, $"--tls-ca-chain-cert-file={certificates.AuthorityFile}"))
        {
            await RefusesAsync(other, "RemoteCertificateNameMismatch");
        }

        await using var named = await TestProxy.StartAsync(
            "--bootstrap-server-mapping=broker.example:9092,127.0.0.1:0", $"--dial-address-mapping=broker.example:9092,127.0.0.1:{front.Port}", "--tls-enable",
            $"--tls-ca-chain-cert-file={certificates.AuthorityFile}");
        await ServesAsync(named);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheClientCertificateIsShownAndItsKeysPasswordComesFromTheFlagOrTheEnvironment(bool byFlag)
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var front = new TlsFront(broker, certificates.Issue("broker"));
        var (certificate, key) = certificates.Issue("the-proxy", password: "canary");
        string[] flags =
        [
            $"--bootstrap-server-mapping=localhost:{front.Port},127.0.0.1:0", "--tls-enable", $"--tls-ca-chain-cert-file={certificates.AuthorityFile}", $"--tls-client-cert-file={certificate}",
            $"--tls-client-key-file={key}",
        ];
        await using var proxy = byFlag
            ? await TestProxy.StartAsync([.. flags, "--tls-client-key-password=canary"])
            : await TestProxy.StartAsync(new Dictionary<string, string> { ["TLS_CLIENT_KEY_PASSWORD"] = "canary" }, flags);
        await ServesAsync(proxy);
        Assert.All(front.Clients, subject => Assert.Equal("CN=the-proxy", subject));
        Assert.DoesNotContain("canary", proxy.Log);
    }

    [Fact]
    public async Task AWrongPasswordOfAKeyIsSaidAtTheStartAndNotShown()
    {
        using var certificates = new TestCertificates();
        var (certificate, key) = certificates.Issue("the-proxy", password: "right");
        var server = ProxyServer.Create(
            TestProxy.Flags(
                "--bootstrap-server-mapping=a:1,127.0.0.1:0", "--http-disable", "--tls-enable", $"--tls-client-cert-file={certificate}", $"--tls-client-key-file={key}", "--tls-client-key-password=canary"),
            _ => null,
            Stream.Null,
            out var errors);
        Assert.Empty(errors);
        var reason = await server!.RunAsync(CancellationToken.None, CancellationToken.None);
        Assert.Contains(key, reason);
        Assert.DoesNotContain("canary", reason);
    }

    [Fact]
    public async Task ChangedFilesAreTakenAndABadOneIsNot()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var front = new TlsFront(broker, certificates.Issue("broker"));
        var trusted = strangers.PathOf("trusted.pem");
        File.Copy(strangers.AuthorityFile, trusted);
        await using var proxy = await StartAsync(front, $"--tls-ca-chain-cert-file={trusted}", "--tls-refresh=50ms");
        await RefusesAsync(proxy, "TLS: ");
        File.Copy(certificates.AuthorityFile, trusted, overwrite: true);
        await ServesAsync(proxy);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("TLS files of broker connections changed: taken"), "said");
        await File.WriteAllTextAsync(trusted, "no certificate", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("TLS files of broker connections changed and are not taken, the previous ones stay"), "kept");
        await ServesAsync(proxy);
    }

    [Fact]
    public async Task TheSystemsAuthoritiesAreTrustedBesideTheFilesWhereAsked()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var front = new TlsFront(broker, certificates.Issue("broker"));
        var system = new Dictionary<string, string> { ["SSL_CERT_FILE"] = certificates.AuthorityFile };
        string[] flags = [$"--bootstrap-server-mapping=localhost:{front.Port},127.0.0.1:0", "--http-disable", "--tls-enable", $"--tls-ca-chain-cert-file={strangers.AuthorityFile}"];
        using (var both = ProxyProcess.Start([.. flags, "--tls-system-cert-pool"], environment: system))
        {
            await Eventually.HoldsAsync(() => both.Log.Contains("Ready: "), "ready");
        }

        using var fileOnly = ProxyProcess.Start(flags, environment: system);
        await Eventually.HoldsAsync(() => fileOnly.Log.Contains("Not ready: "), "refused");
        Assert.DoesNotContain("Ready: ", fileOnly.Log);
    }
}
