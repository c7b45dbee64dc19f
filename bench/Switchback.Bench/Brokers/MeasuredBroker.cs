using System.Globalization;
using Switchback.Bench.Load;
using Switchback.Kafka.Client;
using Switchback.Kafka.Client.Properties;

namespace Switchback.Bench.Brokers;

/// <summary>A broker that stays up through all rounds, either ours or Apache Kafka, and what it was seen to use.</summary>
internal sealed class MeasuredBroker : IAsyncDisposable
{
    private readonly IAsyncDisposable _owner;
    private readonly CancellationTokenSource _ended = new();
    private readonly MemoryWatch _memory;
    private readonly Task _watching;

    private MeasuredBroker(IAsyncDisposable owner, int process, string configuration)
    {
        _owner = owner;
        Process = process;
        Configuration = configuration;
        var properties = ClientProperties.Parse(configuration);
        Endpoint = properties.Bootstrap[0];
        Client = new ClusterClient(new ClusterClientOptions { Bootstrap = properties.Bootstrap, Security = properties.Security });
        _memory = new MemoryWatch(process);
        _watching = _memory.RunAsync(_ended.Token);
    }

    /// <summary>The broker's own process.</summary>
    public int Process { get; }

    /// <summary>The properties a client needs.</summary>
    public string Configuration { get; }

    public KafkaEndpoint Endpoint { get; }

    /// <summary>Apache Kafka, where it is that; null where it is ours.</summary>
    public ApacheKafka? Kafka => _owner as ApacheKafka;

    public ClusterClient Client { get; }

    /// <summary>The most memory it was seen with, PSS in MB.</summary>
    public double PeakMegabytes => _memory.PeakMegabytes;

    /// <summary>Ours, with the listener, certificate and user that Apache Kafka's start script gives <paramref name="rival"/>.</summary>
    public static async Task<MeasuredBroker> EmbeddedAsync(string program, string folder, bool secure, string rival, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var settings = Path.Combine(folder, "server.properties");
        await File.WriteAllLinesAsync(settings, secure ? [.. Unhurried, .. Secured(rival)] : Unhurried, cancellation);
        var port = ApacheKafka.FreePorts(1);
        var broker = Launched.Start([program, "broker", "--listen", Invariant($"localhost:{port}"), "--data", Path.Combine(folder, "data"), "--config", settings]);
        if (!await broker.LineAsync("ready: ", cancellation))
        {
            throw new InvalidOperationException($"the embedded cluster does not start: {broker.Errors}");
        }

        return new MeasuredBroker(broker, broker.Id, WriteConfiguration(folder, port, secure, rival));
    }

    public static async Task<MeasuredBroker> ApacheAsync(string folder, bool secure, CancellationToken cancellation)
    {
        var port = ApacheKafka.FreePorts(3);
        var kafka = await ApacheKafka.StartAsync(folder, secure, port, ["log.segment.delete.delay.ms=1000"], cancellation);
        var process = int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "pid"), cancellation), CultureInfo.InvariantCulture);
        return new MeasuredBroker(kafka, process, WriteConfiguration(folder, port, secure, folder));
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _watching;
        _ended.Dispose();
        await Client.DisposeAsync();
        await _owner.DisposeAsync();
    }

    // As Apache Kafka's start script has them: nobody waits for a group's second member.
    private static string[] Unhurried => ["group.initial.rebalance.delay.ms=0", "offsets.topic.num.partitions=4"];

    private static string[] Secured(string rival) =>
    [
        "listener.security.protocol.map=CLIENTS:SASL_SSL",
        "ssl.keystore.type=PKCS12",
        $"ssl.keystore.location={Path.Combine(rival, "server.p12")}",
        "ssl.keystore.password=changeit",
        "plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_client=\"client-secret\";",
    ];

    private static string WriteConfiguration(string folder, int port, bool secure, string rival)
    {
        var path = Path.Combine(folder, "client.properties");
        File.WriteAllLines(path, [Invariant($"bootstrap.servers=localhost:{port}"), .. secure ? LoggedIn(rival) : []]);
        return path;
    }

    private static string[] LoggedIn(string rival) =>
    [
        "security.protocol=SASL_SSL",
        "sasl.mechanism=PLAIN",
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"client\" password=\"client-secret\";",
        "ssl.truststore.type=PEM",
        $"ssl.truststore.location={Path.Combine(rival, "ca.pem")}",
    ];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
