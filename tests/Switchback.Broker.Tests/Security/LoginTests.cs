using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Switchback.Broker.Tests.Protocol;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;

namespace Switchback.Broker.Tests.Security;

/// <summary>Who gets in: TLS with SASL, as a cloud's cluster has it.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-login-").FullName;
    private EmbeddedCluster? _cluster;

    public async ValueTask InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var pem = certificate.ExportCertificatePem();
        await File.WriteAllTextAsync(CaFile, pem);
        await File.WriteAllTextAsync(Path.Combine(_directory, "server.pem"), pem + "\n" + key.ExportPkcs8PrivateKeyPem());
        _cluster = await EmbeddedTarget.StartAsync(_directory, $"""
            listener.security.protocol.map=CLIENTS:SASL_SSL
            ssl.keystore.location={Path.Combine(_directory, "server.pem")}
            sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
            connection.failed.authentication.delay.ms=1
            plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_key="secret,=";
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private string CaFile => Path.Combine(_directory, "ca.pem");

    [Theory]
    [InlineData(SaslMechanism.Plain)]
    [InlineData(SaslMechanism.ScramSha256)]
    [InlineData(SaslMechanism.ScramSha512)]
    public async Task The_right_secret_gets_in_and_a_wrong_one_does_not(SaslMechanism mechanism)
    {
        await using (var connection = await ConnectAsync(mechanism, "key", "secret,="))
            Assert.True(connection.IsOpen);
        foreach (var (user, secret) in new[] { ("key", "wrong"), ("nobody", "secret,="), ("nobody", "x") })
        {
            var refused = await Assert.ThrowsAsync<KafkaConnectionException>(() => ConnectAsync(mechanism, user, secret));
            Assert.True(refused.IsAuthenticationFailure, refused.Message);
            Assert.DoesNotContain("secret,=", refused.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_has_not_logged_in_gets_no_answer()
    {
        var endpoint = KafkaEndpoint.ParseList(_cluster!.BootstrapServers)[0];
        var security = new ClientSecurity { Protocol = SecurityProtocol.Ssl, CaPemFile = CaFile };
        await using var connection = await KafkaConnection.ConnectAsync(endpoint, security, "stranger", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<KafkaConnectionException>(() => connection.SendAsync(new Switchback.Kafka.Messages.MetadataRequest { Topics = null }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Kcat_logs_in_with_every_mechanism()
    {
        var kcat = Tool.Require("kcat");
        foreach (var mechanism in new[] { "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512" })
        {
            string[] arguments =
            [
                "-b", _cluster!.BootstrapServers, "-L", "-X", "security.protocol=SASL_SSL", "-X", "ssl.ca.location=" + CaFile, "-X", "sasl.mechanism=" + mechanism,
                "-X", "sasl.username=key", "-X", "sasl.password=secret,=",
            ];
            var listed = await Tool.RunAsync(kcat, arguments);
            Assert.True(listed.ExitCode == 0, mechanism + ": " + listed.Errors);
        }
    }

    private Task<KafkaConnection> ConnectAsync(SaslMechanism mechanism, string user, string secret)
    {
        var security = new ClientSecurity { Protocol = SecurityProtocol.SaslSsl, SaslMechanism = mechanism, Username = user, Password = secret, CaPemFile = CaFile };
        return KafkaConnection.ConnectAsync(KafkaEndpoint.ParseList(_cluster!.BootstrapServers)[0], security, "login", TestContext.Current.CancellationToken);
    }
}
