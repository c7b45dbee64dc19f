using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Switchback.Clients.Tests.Targets;

/// <summary>The embedded cluster as its user starts it: a process with three listeners, SASL_SSL.</summary>
internal sealed class EmbeddedKafka : TestedCluster
{
    /// <summary>As kafka-start has them: what would wait, or make many files, for nothing here.</summary>
    public const string SmallCoordinators = "group.initial.rebalance.delay.ms=0\noffsets.topic.num.partitions=4\ntransaction.state.log.num.partitions=4\n";

    /// <summary>How soon a killed broker is missed.</summary>
    public const string ShortSession = "broker.session.timeout.ms=3000";

    private readonly int[] _ports = [Ports.Free(), Ports.Free(), Ports.Free()];
    private readonly PlaintextBroker _plaintext;
    private Program? _brokers;

    public EmbeddedKafka() => _plaintext = new PlaintextBroker("the embedded cluster in plaintext", PathOf("plaintext"), brokers: 3);

    public override string Name => "the embedded cluster";

    public override ClientTarget Plaintext => _plaintext.Target;

    public override void Require()
    {
    }

    public override async Task KillAsync(int? broker = null)
    {
        if (broker is { } one)
        {
            await ControlAsync("kill", one);
            return;
        }

        await _brokers!.KillAsync();
        await _brokers.DisposeAsync();
        _brokers = null;
    }

    public override async Task StartAsync()
    {
        if (_brokers is not null)
        {
            for (var broker = 1; broker <= _ports.Length; broker++)
                await ControlAsync("start", broker);
            return;
        }

        (_brokers, _) = await Program.StartProductAsync(
        [
            "broker", .. _ports.SelectMany(port => new[] { "--listen", $"127.0.0.1:{port}" }), "--data", Path.Combine(Folder.FullName, "data"), "--config", PathOf("server.properties"),
            "--control", PathOf("control"),
        ]);
    }

    protected override async Task<(string Bootstrap, Login Login)> StartFirstAsync()
    {
        WriteCertificates();
        await File.WriteAllTextAsync(PathOf("server.properties"), SmallCoordinators + $"""
            {ShortSession}
            listener.security.protocol.map=CLIENTS:SASL_SSL
            sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
            plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_client="client-secret";
            ssl.keystore.type=PEM
            ssl.keystore.location={PathOf("server.pem")}

            """);
        await StartAsync();
        await _plaintext.StartAsync();
        return (string.Join(',', _ports.Select(port => $"127.0.0.1:{port}")), new Login("client", "client-secret", PathOf("ca.pem")));
    }

    protected override async ValueTask StopAsync()
    {
        await (_brokers?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _plaintext.DisposeAsync();
    }

    private async Task ControlAsync(string verb, int broker)
    {
        var said = await Tool.RunAsync(Program.Product(), ["broker", verb, broker.ToString(CultureInfo.InvariantCulture), "--control", PathOf("control")]);
        Assert.True(said.ExitCode == 0, said.All);
    }

    private string PathOf(string name) => Path.Combine(Folder.FullName, name);

    private void WriteCertificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(PathOf("ca.pem"), authority.ExportCertificatePem() + "\n");

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(PathOf("server.pem"), key.ExportPkcs8PrivateKeyPem() + "\n" + certificate.ExportCertificatePem() + "\n");
    }
}
