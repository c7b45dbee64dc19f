using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Switchback.Drills.Running.Processes;
using Switchback.Drills.Scenarios;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;

namespace Switchback.Drills.Running.Clusters;

/// <summary>
/// One embedded cluster of a drill: a broker process with several listeners, its data in a folder of its own, SASL_SSL with one API key. It can be
/// killed, and comes back under the same addresses on the same disk.
/// </summary>
internal sealed class EmbeddedCluster : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<string> command;
    private readonly string log;
    private ChildProcess? process;

    public EmbeddedCluster(ClusterSpec spec, IPAddress host, Random random, DrillParts parts, DrillFolder folder, DrillCertificates certificates)
    {
        Name = spec.Name;
        ApiKey = $"{spec.Name.ToUpperInvariant()}KEY{RandomNumberGenerator.GetHexString(8)}";
        ApiSecret = RandomNumberGenerator.GetHexString(48, lowercase: true);
        AuthorityFile = certificates.AuthorityFile;
        AuthorityPem = certificates.Authority;
        BootstrapServers = [.. FreePorts.Find(host, spec.Brokers, random).Select(port => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"))];
        log = folder.LogOf(spec.Name);

        var data = folder.Of(spec.Name);
        var keystore = certificates.Issue(spec.Name, host.ToString(), "localhost", "127.0.0.1");
        var config = Path.Combine(data, "server.properties");
        File.WriteAllText(config, Configuration(spec, keystore));
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        command =
        [
            parts.Program, "broker",
            .. BootstrapServers.SelectMany(address => new[] { "--listen", address }),
            "--data", Path.Combine(data, "data"), "--config", config,
        ];
    }

    public string Name { get; }

    /// <summary>Each broker as <c>host:port</c>.</summary>
    public IReadOnlyList<string> BootstrapServers { get; }

    public string ApiKey { get; }

    public string ApiSecret { get; }

    public string AuthorityFile { get; }

    public string AuthorityPem { get; }

    public bool IsUp => process is { HasExited: false };

    /// <summary>The client properties with which anyone reaches this cluster, in Java's spelling.</summary>
    public IReadOnlyDictionary<string, string> ClientProperties => new Dictionary<string, string>
    {
        ["bootstrap.servers"] = string.Join(',', BootstrapServers),
        ["security.protocol"] = "SASL_SSL",
        ["sasl.mechanism"] = "PLAIN",
        ["sasl.jaas.config"] = $"org.apache.kafka.common.security.plain.PlainLoginModule required username='{ApiKey}' password='{ApiSecret}';",
        ["ssl.truststore.type"] = "PEM",
        ["ssl.truststore.location"] = AuthorityFile,
    };

    public async Task StartAsync(CancellationToken cancellation) =>
        (process, _) = await ChildProcess.StartAsync(Name, command, log, ReadyWithin, cancellation);

    /// <summary>kill -9 of the whole cluster.</summary>
    public async Task CrashAsync()
    {
        if (process is not null)
        {
            await process.CrashAsync();
            await process.DisposeAsync();
            process = null;
        }
    }

    /// <summary>A client of this cluster, for the drill's own reading and setting up.</summary>
    public ClusterClient Connect() => new(new ClusterClientOptions
    {
        Bootstrap = KafkaEndpoint.ParseList(string.Join(',', BootstrapServers)),
        Security = new ClientSecurity
        {
            Protocol = SecurityProtocol.SaslSsl,
            SaslMechanism = SaslMechanism.Plain,
            Username = ApiKey,
            Password = ApiSecret,
            CaPemFile = AuthorityFile,
        },
        ClientId = "switchback-drill",
    });

    public ValueTask DisposeAsync() => process?.DisposeAsync() ?? ValueTask.CompletedTask;

    private string Configuration(ClusterSpec spec, string keystore)
    {
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["listener.security.protocol.map"] = "CLIENTS:SASL_SSL",
            ["sasl.enabled.mechanisms"] = "PLAIN",
            ["listener.name.clients.plain.sasl.jaas.config"] =
                $"org.apache.kafka.common.security.plain.PlainLoginModule required user_{ApiKey}=\"{ApiSecret}\";",
            ["ssl.keystore.type"] = "PEM",
            ["ssl.keystore.location"] = keystore,
            ["auto.create.topics.enable"] = "false",
        };
        foreach (var (key, value) in spec.Config)
        {
            lines[key] = value;
        }

        return string.Concat(lines.Select(line => $"{line.Key}={line.Value}\n"));
    }
}
