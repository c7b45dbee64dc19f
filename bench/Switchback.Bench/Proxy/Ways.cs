using System.Globalization;
using Switchback.Bench.Load;

namespace Switchback.Bench.Proxy;

/// <summary>What a way's process has used so far.</summary>
/// <param name="CpuSeconds">User and system time; 0 where there is no process.</param>
/// <param name="Allocated">Bytes it has allocated by its own count; null where it has none.</param>
internal sealed record WayUsage(double CpuSeconds, double? Allocated);

/// <summary>One way from a client to the broker.</summary>
/// <param name="Name">direct, proxy, relay or rival.</param>
/// <param name="Bootstrap">What the tools connect to.</param>
/// <param name="Config">A file of client properties for the tools, or null.</param>
/// <param name="TimedPort">Where the paced producer connects; 0 where it does not.</param>
/// <param name="TimedByTls">Whether it does so by TLS.</param>
/// <param name="Process">What stands between; null for none.</param>
/// <param name="Metrics">Where it serves metrics, or null.</param>
internal sealed record Way(string Name, string Bootstrap, string? Config, int TimedPort, bool TimedByTls, Launched? Process, Uri? Metrics)
{
    private const string AllocatedMetric = "dotnet_gc_allocated_bytes_total ";
    private static readonly HttpClient Http = new();

    public async Task<WayUsage> UsageAsync(CancellationToken cancellation)
    {
        var cpu = Process is null ? 0 : ProcessUsage.CpuSeconds(Process.Id);
        if (Metrics is null)
        {
            return new WayUsage(cpu, null);
        }

        var text = await Http.GetStringAsync(Metrics, cancellation);
        var line = text.Split('\n').First(line => line.StartsWith(AllocatedMetric, StringComparison.Ordinal));
        return new WayUsage(cpu, double.Parse(line[AllocatedMetric.Length..], CultureInfo.InvariantCulture));
    }
}

/// <summary>All ways to one broker with one security, each a process of its own, started and ready.</summary>
internal sealed class Ways : IAsyncDisposable
{
    private readonly List<Way> _ways = [];

    private Ways(string name) => Name = name;

    /// <summary>plaintext or tls.</summary>
    public string Name { get; }

    public IReadOnlyList<Way> All => _ways;

    /// <summary>Those that latency is measured on.</summary>
    public IEnumerable<Way> Timed => _ways.Where(way => way.TimedPort != 0);

    public static async Task<Ways> StartAsync(string program, string? rival, ApacheKafka kafka, string folder, bool tls, CancellationToken cancellation)
    {
        var ways = new Ways(tls ? "tls" : "plaintext");
        try
        {
            ways._ways.Add(Direct(kafka, folder, tls));
            ways._ways.Add(await ProxyAsync("proxy", [program, "proxy", "server"], kafka, folder, tls, cancellation));
            ways._ways.Add(await RelayAsync(program, kafka, folder, tls, cancellation));
            if (rival is not null)
            {
                ways._ways.Add(await ProxyAsync("rival", [rival, "server"], kafka, folder, tls, cancellation));
            }

            return ways;
        }
        catch
        {
            await ways.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var way in _ways)
        {
            if (way.Process is not null)
            {
                await way.Process.DisposeAsync();
            }
        }
    }

    private static Way Direct(ApacheKafka kafka, string folder, bool tls)
    {
        if (!tls)
        {
            return new Way("direct", Local(kafka.Port + 2), null, kafka.Port + 2, TimedByTls: false, null, null);
        }

        var config = Path.Combine(folder, "client.properties");
        File.WriteAllText(config, $"""
            security.protocol=SASL_SSL
            ssl.truststore.type=PEM
            ssl.truststore.location={folder}/ca.pem
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="client" password="client-secret";
            """);

        // The paced producer knows no SASL: the same TLS, by the listener that is there for the relay.
        return new Way("direct", string.Create(CultureInfo.InvariantCulture, $"localhost:{kafka.Port}"), config, kafka.Port + 4, TimedByTls: true, null, null);
    }

    private static async Task<Way> ProxyAsync(string name, string[] command, ApacheKafka kafka, string folder, bool tls, CancellationToken cancellation)
    {
        var port = ApacheKafka.FreePorts(2);
        var upstream = tls ? kafka.Port : kafka.Port + 2;
        string[] security = tls
            ? ["--tls-enable", $"--tls-ca-chain-cert-file={folder}/ca.pem", "--sasl-enable", "--sasl-username=client", "--sasl-password=client-secret"]
            : [];
        var process = Launched.Start(
        [
            .. command, string.Create(CultureInfo.InvariantCulture, $"--bootstrap-server-mapping=localhost:{upstream},127.0.0.1:{port}"),
            string.Create(CultureInfo.InvariantCulture, $"--http-listen-address=127.0.0.1:{port + 1}"), .. security,
        ]);
        var metrics = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port + 1}/metrics"));
        try
        {
            await UntilServedAsync(metrics, process, cancellation);
            return new Way(name, Local(port), null, port, TimedByTls: false, process, name == "proxy" ? metrics : null);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    private static async Task<Way> RelayAsync(string program, ApacheKafka kafka, string folder, bool tls, CancellationToken cancellation)
    {
        var (listen, to) = tls ? (kafka.Port + 6, kafka.Port + 4) : (kafka.Port + 5, kafka.Port + 3);
        string[] authorities = tls ? ["--authorities", $"{folder}/ca.pem"] : [];
        var process = Launched.Start([program, "bench", "relay", "--listen", Local(listen), "--to", string.Create(CultureInfo.InvariantCulture, $"localhost:{to}"), .. authorities]);
        if (await process.LineAsync("ready", cancellation))
        {
            return new Way("relay", Local(listen), null, 0, TimedByTls: false, process, null);
        }

        await process.DisposeAsync();
        throw new InvalidOperationException($"the relay does not start: {process.Errors}");
    }

    private static async Task UntilServedAsync(Uri metrics, Launched process, CancellationToken cancellation)
    {
        using var client = new HttpClient();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var tries = 0; tries < 200; tries++)
        {
            try
            {
                await client.GetStringAsync(metrics, cancellation);
                return;
            }
            catch (HttpRequestException)
            {
                await look.WaitForNextTickAsync(cancellation);
            }
        }

        throw new InvalidOperationException($"the proxy does not serve within 10 s: {process.Errors}");
    }

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
