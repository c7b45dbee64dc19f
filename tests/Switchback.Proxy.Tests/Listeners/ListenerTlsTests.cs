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

    [Fact]
    public async Task OnlyTheSameClientCertificateIsServedWhereAsked()
    {
        using var certificates = new TestCertificates();
        await using var broker = new ScriptedBroker();
        var (certificate, key) = certificates.Issue("same");
        await using var proxy = await StartAsync(
            broker, certificates.Issue("proxy"), $"--proxy-listener-ca-chain-cert-file={certificates.AuthorityFile}", "--tls-enable", "--tls-same-client-cert-enable",
            $"--tls-client-cert-file={certificate}", $"--tls-client-key-file={key}");
        await Record.ExceptionAsync(() => AskAsync(proxy, certificates, certificates.Issue("other")));
        await Eventually.HoldsAsync(() => proxy.Log.Contains("not the one of --tls-client-cert-file"), "the other one refused");
    }
}
