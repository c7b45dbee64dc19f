using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Switchback.Drills.Scenarios;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Security;

namespace Switchback.Drills.Running.Clusters;

/// <summary>
/// One cluster of a drill, started by it: brokers on this machine that speak SASL_SSL with one API key. It can be killed, and comes back under the same
/// addresses on the same disk.
/// </summary>
internal abstract class DrillCluster : IAsyncDisposable
{
    /// <param name="behindRelay">Whether something else listens where the brokers are found, and passes on to where they listen.</param>
    protected DrillCluster(ClusterSpec spec, IPAddress host, bool behindRelay, Random random, DrillCertificates certificates)
    {
        Name = spec.Name;
        ApiKey = $"{spec.Name.ToUpperInvariant()}KEY{RandomNumberGenerator.GetHexString(8)}";
        ApiSecret = RandomNumberGenerator.GetHexString(48, lowercase: true);
        AuthorityFile = certificates.AuthorityFile;
        AuthorityPem = certificates.Authority;
        var addresses = FreePorts.Find(host, behindRelay ? 2 * spec.Brokers : spec.Brokers, random).Select(port => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}")).ToList();
        BootstrapServers = [.. addresses.Take(spec.Brokers)];
        Listeners = [.. addresses.TakeLast(spec.Brokers)];
        Keystore = certificates.Issue(spec.Name, host.ToString(), "localhost", "127.0.0.1");
    }

    public string Name { get; }

    /// <summary>Each broker as <c>host:port</c>.</summary>
    public IReadOnlyList<string> BootstrapServers { get; }

    /// <summary>Where each broker listens itself; the same, but for a cluster behind a relay.</summary>
    public IReadOnlyList<string> Listeners { get; }

    public string ApiKey { get; }

    public string ApiSecret { get; }

    public string AuthorityFile { get; }

    public string AuthorityPem { get; }

    public abstract bool IsUp { get; }

    /// <summary>The processes of its brokers, those that run.</summary>
    public abstract IReadOnlyList<int> Processes { get; }

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

    /// <summary>The server's certificate and key as PEM.</summary>
    protected string Keystore { get; }

    /// <summary>Starts it, or starts it again on its own disk.</summary>
    public abstract Task StartAsync(CancellationToken cancellation);

    /// <summary>kill -9 of the whole cluster.</summary>
    public abstract Task CrashAsync();

    /// <summary>Starts it again after a crash with what had been forced to its disk, as after a loss of power.</summary>
    /// <exception cref="DrillException">This kind of cluster cannot lose power.</exception>
    public abstract Task StartAfterPowerLossAsync(CancellationToken cancellation);

    /// <summary>kill -9 of the whole cluster, and its disk is gone; started again, it is empty.</summary>
    public abstract Task DestroyAsync();

    public abstract ValueTask DisposeAsync();

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

    /// <summary>The keys of server.properties that every engine understands, the scenario's own last.</summary>
    protected SortedDictionary<string, string> Configuration(ClusterSpec spec)
    {
        var lines = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["listener.security.protocol.map"] = "CLIENTS:SASL_SSL",
            ["sasl.enabled.mechanisms"] = "PLAIN",
            ["listener.name.clients.plain.sasl.jaas.config"] =
                $"org.apache.kafka.common.security.plain.PlainLoginModule required user_{ApiKey}=\"{ApiSecret}\";",
            ["ssl.keystore.type"] = "PEM",
            ["ssl.keystore.location"] = Keystore,
            ["auto.create.topics.enable"] = "false",
        };
        foreach (var (key, value) in spec.Config)
        {
            lines[key] = value;
        }

        return lines;
    }

    /// <summary>Writes a server.properties that its owner only may read.</summary>
    protected static void WriteConfiguration(string file, IEnumerable<KeyValuePair<string, string>> lines)
    {
        File.WriteAllText(file, "");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(file, string.Concat(lines.Select(line => $"{line.Key}={line.Value}\n")));
    }
}
