using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Switchback.Kafka.Messages;
using Switchback.Proxy.Tests.Harness;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Tests.Listeners;

public sealed class ListenerTlsTests
{
    /// <summary>Asks for Metadata by TLS; throws when the proxy refuses.</summary>
    private static async Task<X509Certificate2> AskAsync(TestProxy proxy, TestCertificates trusted, (string Certificate, string Key)? own)
    {
        var token = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", proxy.Port, token);
        await using var stream = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(trusted.AuthorityFile);
        var options = new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy };
        if (own is var (certificate, key))
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificate, key), null, offline: true);
        }

        await stream.AuthenticateAsClientAsync(options, token);
        await stream.WriteAsync(TestClient.RequestFrame(new MetadataRequest { Topics = [] }, 9, 1), token);
        Assert.NotEmpty(await StreamExchange.ReceiveAsync(stream, token));
        return new X509Certificate2(stream.RemoteCertificate!);
    }

    private static Task<TestProxy> StartAsync(ScriptedBroker broker, (string Certificate, string Key) files, params string[] more) => TestProxy.StartAsync(
    [
        $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--proxy-listener-tls-enable", $"--proxy-listener-cert-file={files.Certificate}", $"--proxy-listener-key-file={files.Key}", .. more,
    ]);

    [Fact]
    public async Task ClientsConnectByTlsAndPlaintextIsRefused()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker, certificates.Issue("proxy"));
        await AskAsync(proxy, certificates, null);
        using var plain = await TestClient.ConnectAsync(proxy.Port);
        await plain.SendAsync(TestClient.RequestFrame(new MetadataRequest { Topics = [] }, 9, 1));
        await Eventually.HoldsAsync(() => proxy.Log.Contains("Closed the connection"), "one line about it");
    }

    [Fact]
    public async Task AClientCertificateIsRequiredAndVerified()
    {
        using var certificates = new TestCertificates();
        using var strangers = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(broker, certificates.Issue("proxy"), $"--proxy-listener-ca-chain-cert-file={certificates.AuthorityFile}");
        await AskAsync(proxy, certificates, certificates.Issue("client"));
        foreach (var refused in new (string, string)?[] { null, strangers.Issue("client") })
        {
            var failure = await Record.ExceptionAsync(() => AskAsync(proxy, certificates, refused));
            Assert.True(failure is IOException or AuthenticationException, failure?.ToString());
        }
    }

    [Fact]
    public async Task AClientCertificatesSubjectMustBeAsOneOfTheRulesSays()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(
            broker, certificates.Issue("proxy"), $"--proxy-listener-ca-chain-cert-file={certificates.AuthorityFile}",
            "--proxy-listener-tls-required-client-subject=s:/CN=[chuck]", "--proxy-listener-tls-required-client-subject=r:/CN=[^app-[0-9]{1,2}$]");
        await AskAsync(proxy, certificates, certificates.Issue("chuck"));
        await AskAsync(proxy, certificates, certificates.Issue("app-12"));
        var failure = await Record.ExceptionAsync(() => AskAsync(proxy, certificates, certificates.Issue("app-123")));
        Assert.True(failure is IOException or AuthenticationException, failure?.ToString());
        await Eventually.HoldsAsync(() => proxy.Log.Contains("CN=app-123, is not as --proxy-listener-tls-required-client-subject says"), "one line about it");
    }

    [Fact]
    public async Task ChangedFilesAreTakenAndABadOneIsNot()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        var files = certificates.Issue("proxy");
        await using var proxy = await StartAsync(broker, files, "--proxy-listener-tls-refresh=50ms");
        using var before = await AskAsync(proxy, certificates, null);
        await File.WriteAllTextAsync(files.Certificate, "no certificate", TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("are not taken"), "kept");
        using var kept = await AskAsync(proxy, certificates, null);
        Assert.Equal(before.Thumbprint, kept.Thumbprint);
        certificates.Issue("proxy");
        await Eventually.HoldsAsync(
            async () =>
            {
                using var now = await AskAsync(proxy, certificates, null);
                return now.Thumbprint != before.Thumbprint;
            },
            "the new certificate");
    }

    /// <summary>How a kubelet changes a mounted Secret: the file that is named is a link through <c>..data</c>, which comes to point to another folder at once.</summary>
    [Fact]
    public async Task FilesThatKubernetesSwapsBehindLinksAreTaken()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        var volume = Directory.CreateDirectory(certificates.PathOf("volume")).FullName;
        await SwapAsync("..2026_01_01");
        (string Certificate, string Key) files = (Path.Combine(volume, "tls.crt"), Path.Combine(volume, "tls.key"));
        foreach (var file in new[] { files.Certificate, files.Key })
        {
            File.CreateSymbolicLink(file, Path.Combine("..data", Path.GetFileName(file)));
        }

        await using var proxy = await StartAsync(broker, files, "--proxy-listener-tls-refresh=50ms");
        using var before = await AskAsync(proxy, certificates, null);
        await SwapAsync("..2026_01_02");
        await Eventually.HoldsAsync(
            async () =>
            {
                using var now = await AskAsync(proxy, certificates, null);
                return now.Thumbprint != before.Thumbprint;
            },
            "the new certificate");
        Assert.DoesNotContain("are not taken", proxy.Log);

        async Task SwapAsync(string name)
        {
            var (certificate, key) = certificates.Issue("proxy");
            var folder = Directory.CreateDirectory(Path.Combine(volume, name)).FullName;
            File.Copy(certificate, Path.Combine(folder, "tls.crt"));
            File.Copy(key, Path.Combine(folder, "tls.key"));
            var data = Path.Combine(volume, "..data");
            File.CreateSymbolicLink(data + "_tmp", name);
            Assert.Equal(0, (await Tool.RunAsync("mv", ["-T", data + "_tmp", data])).ExitCode);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ThePasswordOfTheKeyComesFromTheFlagOrTheEnvironment(bool byFlag)
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        var (certificate, key) = certificates.Issue("proxy", password: "canary");
        string[] flags =
        [
            $"--bootstrap-server-mapping={broker.Address},127.0.0.1:0", "--proxy-listener-tls-enable", $"--proxy-listener-cert-file={certificate}", $"--proxy-listener-key-file={key}",
        ];
        await using var proxy = byFlag
            ? await TestProxy.StartAsync([.. flags, "--proxy-listener-key-password=canary"])
            : await TestProxy.StartAsync(new Dictionary<string, string> { ["PROXY_LISTENER_KEY_PASSWORD"] = "canary" }, flags);
        using var shown = await AskAsync(proxy, certificates, null);
        Assert.Equal("CN=proxy", shown.Subject);
        Assert.DoesNotContain("canary", proxy.Log);
    }

    [Fact]
    public async Task OnlyTheCipherSuitesGivenAreSpoken()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var proxy = await StartAsync(
            broker, certificates.Issue("proxy"), "--proxy-listener-cipher-suites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "--proxy-listener-cipher-suites=TLS_CHACHA20_POLY1305_SHA256");
        Assert.Equal(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, await SpeakAsync(SslProtocols.Tls12));
        Assert.Equal(TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, await SpeakAsync(SslProtocols.Tls13));
        var failure = await Record.ExceptionAsync(() => SpeakAsync(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256));
        Assert.True(failure is IOException or AuthenticationException, failure?.ToString());

        async Task<TlsCipherSuite> SpeakAsync(SslProtocols protocol, params TlsCipherSuite[] suites)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", proxy.Port, TestContext.Current.CancellationToken);
            await using var stream = new SslStream(client.GetStream());
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(certificates.AuthorityFile);
#pragma warning disable CA5398, CA1416 // The proxy's choice within each is what is tested, on Linux.
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                CertificateChainPolicy = policy,
                EnabledSslProtocols = protocol,
                CipherSuitesPolicy = suites.Length > 0 ? new CipherSuitesPolicy(suites) : null,
            };
#pragma warning restore CA5398, CA1416
            await stream.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken);
            return stream.NegotiatedCipherSuite;
        }
    }

    [Fact]
    public async Task OnlyTheSameClientCertificateIsServedWhereAsked()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        await using var front = new TlsFront(broker, certificates.Issue("broker"));
        var (certificate, key) = certificates.Issue("same");
        await using var proxy = await TestProxy.StartAsync(
            $"--bootstrap-server-mapping=localhost:{front.Port},127.0.0.1:0", $"--tls-ca-chain-cert-file={certificates.AuthorityFile}", "--proxy-listener-tls-enable",
            $"--proxy-listener-cert-file={certificates.Issue("proxy").Certificate}", $"--proxy-listener-key-file={certificates.PathOf("proxy.key")}",
            $"--proxy-listener-ca-chain-cert-file={certificates.AuthorityFile}", "--tls-enable", "--tls-same-client-cert-enable",
            $"--tls-client-cert-file={certificate}", $"--tls-client-key-file={key}");
        await AskAsync(proxy, certificates, (certificate, key));
        Assert.Contains("CN=same", front.Clients);
        await Record.ExceptionAsync(() => AskAsync(proxy, certificates, certificates.Issue("other")));
        await Eventually.HoldsAsync(() => proxy.Log.Contains("not the one of --tls-client-cert-file"), "the other one refused");
    }
}
