using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Broker.Configuration;
using Switchback.Kafka.Client;

namespace Switchback.Broker.Tests.Security;

/// <summary>A cluster with a listener of every kind. Users are admin/admin-secret and client/client-secret.</summary>
public abstract class SecureTarget : IAsyncLifetime
{
    /// <summary>The largest request it takes.</summary>
    public const int LargestRequest = 2 << 20;

    private const string Module = "org.apache.kafka.common.security";

    /// <summary>How long a login lasts where it does not last as long as the connection, in milliseconds.</summary>
    public const int ShortLogin = 10_000;

    /// <summary>The kinds, in the order of the listeners: MUTUAL is TLS where the client must show a certificate, SHORT is SASL_PLAINTEXT where a login must be renewed.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL", "MUTUAL", "SHORT"];

    internal string CaFile => Path.Combine(Folder, "ca.pem");

    protected abstract string Folder { get; }

    public abstract KafkaEndpoint Endpoint(string kind);

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>What a client that trusts the cluster's authority offers, with a certificate that authority signed, or another, or none.</summary>
    internal SslClientAuthenticationOptions Tls(string? signedBy = null)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
        };
        options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(CaFile);
        if (signedBy is null)
            return options;
        using var authority = signedBy == "the cluster's" ? TestAuthority.Load(CaFile, Path.Combine(Folder, "ca.key")) : TestAuthority.Create();
        var pem = authority.Sign("client");
        using var certificate = X509Certificate2.CreateFromPem(pem, pem);
        var own = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);

        // Shown whatever authorities the server names: it is the server that must refuse a stranger.
        options.ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true);
        return options;
    }

    /// <summary>What both kinds of cluster are configured with.</summary>
    /// <param name="saslListeners">The listeners where users log in without TLS; the last one is where that must be renewed.</param>
    protected static string[] Properties(params string[] saslListeners) =>
    [
        $"socket.request.max.bytes={LargestRequest}",
        "connection.failed.authentication.delay.ms=10",
        "listener.name.mutual.ssl.client.auth=required",
        "ssl.truststore.type=PEM",
        $"listener.name.{saslListeners[^1]}.connections.max.reauth.ms={ShortLogin}",
        .. saslListeners.Select(Users),
    ];

    /// <summary>Who may log in on a listener.</summary>
    protected static string Users(string listener) =>
        $"listener.name.{listener}.plain.sasl.jaas.config={Module}.plain.PlainLoginModule required user_admin=\"admin-secret\" user_client=\"client-secret\";";
}

/// <summary>The embedded cluster: each listener is one of its brokers.</summary>
public sealed class EmbeddedSecureTarget : SecureTarget
{
    private EmbeddedCluster? _cluster;

    protected override string Folder { get; } = Directory.CreateTempSubdirectory("switchback-secure-").FullName;

    public override KafkaEndpoint Endpoint(string kind) => KafkaEndpoint.ParseList(_cluster!.BootstrapServers)[Kinds.ToList().IndexOf(kind)];

    public override async ValueTask InitializeAsync()
    {
        using var authority = TestAuthority.Create();
        await File.WriteAllTextAsync(CaFile, authority.Pem);
        await File.WriteAllTextAsync(Path.Combine(Folder, "ca.key"), authority.KeyPem);
        var server = Path.Combine(Folder, "server.pem");
        await File.WriteAllTextAsync(server, authority.Sign("localhost"));
        var file = Path.Combine(Folder, "server.properties");
        await File.WriteAllLinesAsync(file,
        [
            .. Properties("sasl_plaintext", "short"),
            Users("sasl_ssl"),
            "listener.security.protocol.map=MUTUAL:SSL,SHORT:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "ssl.keystore.location=" + server,
            "ssl.truststore.location=" + CaFile,
        ]);
        var options = new BrokerOptions { Listen = [.. Kinds.Select(kind => kind + "://127.0.0.1:0")], DataDirectory = Path.Combine(Folder, "data"), ConfigurationFile = file };
        _cluster = await EmbeddedCluster.StartAsync(options, NullLogger.Instance);
    }

    public override async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Apache Kafka: one broker with all the listeners.</summary>
public sealed class ApacheSecureTarget : SecureTarget
{
    private static readonly string[] Names = ["PLAIN", "TLS", "OPEN", "CLIENTS", "MUTUAL", "SHORT"];
    private static readonly int[] Places = [2, 3, 4, 0, 5, 6];

    private readonly ApacheKafkaCluster _cluster = ApacheKafkaCluster.Create(
        1,
        secure: true,
        [
            .. Properties("open", "short"),
            "listeners=CONTROLLER://127.0.0.1:{port+1}," + Listeners("127.0.0.1"),
            "advertised.listeners=" + Listeners("localhost"),
            "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,TLS:SSL,OPEN:SASL_PLAINTEXT,CLIENTS:SASL_SSL,MUTUAL:SSL,SHORT:SASL_PLAINTEXT",
            .. from listener in new[] { "open", "short" }
               from size in new[] { 256, 512 }
               select $"listener.name.{listener}.scram-sha-{size}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
            "ssl.truststore.location={directory}/ca.pem",
        ]);

    protected override string Folder => _cluster.DirectoryPath;

    public override KafkaEndpoint Endpoint(string kind) => new("localhost", _cluster.BrokerPorts[0] + Places[Kinds.ToList().IndexOf(kind)]);

    public override ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public override ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static string Listeners(string host) => string.Join(',', Names.Zip(Places, (name, place) => $"{name}://{host}:{{port+{place}}}"));
}
