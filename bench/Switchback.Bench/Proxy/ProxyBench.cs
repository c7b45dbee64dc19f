using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Switchback.Bench.Load;
using Switchback.Kafka.Client;

namespace Switchback.Bench.Proxy;

/// <summary>
/// What the proxy costs: Apache Kafka's own performance tools against Apache Kafka, directly, through the proxy, through a bare relay, and through a rival's binary
/// where one is given; in plaintext and with TLS towards the broker. Everything is a process of its own, and the ways take turns within each round.
/// </summary>
public sealed class ProxyBench
{
    private const int Partitions = 6;
    private const int RecordBytes = 1000;
    private const int WarmRecords = 50_000;
    private const int ProducedRecords = 250_000;
    private const int ConsumedRecords = 400_000;
    private const int IdleConnections = 1000;
    private const int LatencySeconds = 3;
    private const int Pace = 10_000;
    private const string ProduceTopic = "produced";
    private const string ConsumeTopic = "consumed";
    private const string LatencyTopic = "paced";

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(2);

    private readonly Action<string> _progress;
    private readonly int _rounds;
    private readonly string _folder;
    private readonly ApacheKafka _kafka;
    private readonly Dictionary<string, List<double>> _figures = [];

    private ProxyBench(ApacheKafka kafka, string folder, int rounds, Action<string> progress)
    {
        _kafka = kafka;
        _folder = folder;
        _rounds = rounds;
        _progress = progress;
    }

    /// <summary>The parts that can be asked for alone.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["memory", "latency", "throughput"];

    /// <param name="program">The switchback binary.</param>
    /// <param name="rounds">Rounds of each figure; at least 1.</param>
    /// <param name="rival">A binary with the flags of grepplabs/kafka-proxy, or null.</param>
    /// <param name="only">Which of <see cref="Parts"/> to measure; all when there is none.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <param name="cancellation">Ends the bench.</param>
    /// <exception cref="InvalidOperationException">Apache Kafka is not here, or something under measurement failed.</exception>
    public static async Task<BenchReport> RunAsync(string program, int rounds, string? rival, IReadOnlyList<string> only, Action<string> progress, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("switchback-bench-proxy-");
        try
        {
            // Beside the listeners that kafka-start makes: two that tell clients the relays' addresses, which a relay cannot do by itself.
            var port = ApacheKafka.FreePorts(8);
            await using var kafka = await ApacheKafka.StartAsync(folder.FullName, secure: true, port, Listeners(port), cancellation);
            progress($"Apache Kafka on port {port}");
            return await new ProxyBench(kafka, folder.FullName, rounds, progress).RunAsync(program, rival, only.Count == 0 ? Parts : only, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Listeners(int port) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"listeners=CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{port + 1},PLAIN://127.0.0.1:{port + 2},RELAY://127.0.0.1:{port + 3},RELAYTLS://127.0.0.1:{port + 4}"),
        string.Create(CultureInfo.InvariantCulture, $"advertised.listeners=CLIENTS://localhost:{port},PLAIN://localhost:{port + 2},RELAY://127.0.0.1:{port + 5},RELAYTLS://127.0.0.1:{port + 6}"),
        "listener.security.protocol.map=CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT,PLAIN:PLAINTEXT,RELAY:PLAINTEXT,RELAYTLS:SSL",
        "log.retention.check.interval.ms=5000",
        "log.segment.delete.delay.ms=1000",
    ];

    private async Task<BenchReport> RunAsync(string program, string? rival, IReadOnlyList<string> parts, CancellationToken cancellation)
    {
        await PrepareAsync(cancellation);
        if (parts.Contains("memory"))
        {
            await MemoryAsync(program, cancellation);
        }

        await using (var plain = await Ways.StartAsync(program, rival, _kafka, _folder, tls: false, cancellation))
        await using (var tls = await Ways.StartAsync(program, rival, _kafka, _folder, tls: true, cancellation))
        {
            var done = 0;
            try
            {
                // The first round, -1, is for the broker to warm up and counts for nothing.
                for (var round = -1; parts.Contains("latency") && round < _rounds; round++)
                {
                    foreach (var ways in new[] { plain, tls })
                    {
                        _progress($"latency, round {round + 1} of {_rounds}: {ways.Name}");
                        await LatencyAsync(ways, round, cancellation);
                    }
                }

                for (; parts.Contains("throughput") && done < _rounds; done++)
                {
                    foreach (var ways in new[] { plain, tls })
                    {
                        _progress($"round {done + 1} of {_rounds}: {ways.Name}");
                        await RoundAsync(ways, done, cancellation);
                    }
                }
            }
            catch (OperationCanceledException) when (done > 0)
            {
                _progress($"ended after {done} of {_rounds} rounds");
            }

            return Report(parts.Contains("throughput") ? done : _rounds);
        }
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        await using (var client = new ClusterClient(new ClusterClientOptions { Bootstrap = [new KafkaEndpoint("127.0.0.1", _kafka.Port + 2)] }))
        {
            // What is produced is kept for a short while only: the bench is not about the disk.
            var brief = new Dictionary<string, string> { ["retention.bytes"] = "100000000", ["segment.bytes"] = "50000000" };
            await client.CreateTopicsAsync(
                [
                    new NewTopic(ProduceTopic, Partitions, 1) { Configuration = brief },
                    new NewTopic(ConsumeTopic, Partitions, 1),
                    new NewTopic(LatencyTopic, 1, 1) { Configuration = brief },
                ],
                cancellation);
        }

        await new PerfTools(_kafka, $"127.0.0.1:{_kafka.Port + 2}", null).ProduceAsync(ConsumeTopic, ConsumedRecords, 0, RecordBytes, cancellation);
    }

    private async Task RoundAsync(Ways ways, int round, CancellationToken cancellation)
    {
        foreach (var kind in new[] { "produce", "consume" })
        {
            // Another one begins in each round: whoever follows a heavy neighbour is not always the same.
            for (var i = 0; i < ways.All.Count; i++)
            {
                var way = ways.All[(i + round) % ways.All.Count];
                var tools = new PerfTools(_kafka, way.Bootstrap, way.Config);
                var name = $"{kind}-{ways.Name}-{way.Name}";
                var before = await way.UsageAsync(cancellation);
                var rate = kind == "produce"
                    ? await tools.ProduceAsync(ProduceTopic, WarmRecords + ProducedRecords, WarmRecords, RecordBytes, cancellation)
                    : await tools.ConsumeAsync(ConsumeTopic, ConsumedRecords, cancellation);
                var after = await way.UsageAsync(cancellation);
                var megabytes = (kind == "produce" ? WarmRecords + ProducedRecords : ConsumedRecords) * (RecordBytes / 1e6);
                Add(name, rate);
                if (way.Process is not null)
                {
                    Add($"{name}-cpu", megabytes / (after.CpuSeconds - before.CpuSeconds));
                }

                if (after.Allocated is { } allocated)
                {
                    Add($"{kind}-{ways.Name}-allocated", (allocated - before.Allocated!.Value) / megabytes);
                }
            }
        }
    }

    /// <summary>All ways at once, so that what the broker does to one it does to the others; and before it is made to work hard, which it takes long to recover from.</summary>
    private async Task LatencyAsync(Ways ways, int round, CancellationToken cancellation)
    {
        var timed = (round % 2 == 0 ? ways.Timed : ways.Timed.Reverse()).ToList();
        var streams = new List<Stream>();
        try
        {
            foreach (var way in timed)
            {
                streams.Add(await ConnectAsync(way, cancellation));
            }

            var latencies = await Task.Run(() => PacedProducer.Run(streams, new Pace(LatencyTopic, Pace), TimeSpan.FromSeconds(LatencySeconds)), cancellation);
            foreach (var (way, times) in timed.Zip(latencies).Where(_ => round >= 0))
            {
                Add($"latency-{ways.Name}-{way.Name}-p50", times.Percentile(0.5));
                Add($"latency-{ways.Name}-{way.Name}-p99", times.Percentile(0.99));
            }
        }
        finally
        {
            streams.ForEach(stream => stream.Dispose());
        }
    }

    private async Task<Stream> ConnectAsync(Way way, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", way.TimedPort, cancellation);
        var plain = new NetworkStream(socket, ownsSocket: true);
        if (!way.TimedByTls)
        {
            return plain;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(Path.Combine(_folder, "ca.pem"));
        var encrypted = new SslStream(plain);
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy }, cancellation);
        return encrypted;
    }

    /// <summary>Of a fresh proxy: its memory at rest, and what each of many idle connections adds.</summary>
    private async Task MemoryAsync(string program, CancellationToken cancellation)
    {
        _progress("memory");
        for (var round = 1; round <= Math.Min(_rounds, 2); round++)
        {
            await using var ways = await Ways.StartAsync(program, null, _kafka, _folder, tls: false, cancellation);
            var proxy = ways.All.Single(way => way.Name == "proxy");
            await Task.Delay(Rest, cancellation);
            Add("memory-at-rest", ProcessUsage.PssBytes(proxy.Process!.Id) / 1e6);

            // The first ones page code in and are not counted.
            var sockets = new List<Socket>();
            try
            {
                await ConnectIdleAsync(proxy, IdleConnections / 4, sockets, cancellation);
                await Task.Delay(Rest, cancellation);
                var before = ProcessUsage.PssBytes(proxy.Process.Id);
                await ConnectIdleAsync(proxy, IdleConnections, sockets, cancellation);
                await Task.Delay(Rest, cancellation);
                Add("memory-idle-connection", (ProcessUsage.PssBytes(proxy.Process.Id) - before) / IdleConnections / 1000);
            }
            finally
            {
                sockets.ForEach(socket => socket.Dispose());
            }
        }
    }

    /// <summary>Connections that have asked one thing each, as any client does, and then rest.</summary>
    private static async Task ConnectIdleAsync(Way way, int count, List<Socket> sockets, CancellationToken cancellation)
    {
        byte[] question = [0, 0, 0, 11, 0, 18, 0, 0, 0, 0, 0, 1, 0, 1, (byte)'b'];
        var answer = new byte[64 * 1024];
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            await socket.ConnectAsync("127.0.0.1", way.TimedPort, cancellation);
            await socket.SendAsync(question, cancellation);
            if (await socket.ReceiveAsync(answer, cancellation) == 0)
            {
                throw new InvalidOperationException("the proxy closed an idle connection");
            }
        }
    }

    private BenchReport Report(int rounds) =>
        new("proxy", Environment.ProcessorCount, rounds, [.. ThroughputResults(), .. LatencyResults(), .. MemoryResults()]);

    private IEnumerable<BenchResult> ThroughputResults()
    {
        foreach (var (kind, security, goal) in new[] { ("produce", "plaintext", 0.95), ("consume", "plaintext", 0.85), ("produce", "tls", 0.95), ("consume", "tls", 0.95) })
        {
            var name = $"{kind}-{security}";
            if (Rounds($"{name}-proxy") is not { Count: > 0 } proxy)
            {
                continue;
            }

            var relay = Rounds($"{name}-relay");
            yield return BenchResult.AtLeast(name, proxy, "direct", Rounds($"{name}-direct"), "MB/s", goal) with
            {
                Note = string.Create(CultureInfo.InvariantCulture, $"bare relay {BenchResult.AtMost(name, relay, "", 0).Value:0} MB/s"),
            };
            yield return BenchResult.AtLeast($"{name}-cpu", Rounds($"{name}-proxy-cpu"), "bare relay", Rounds($"{name}-relay-cpu"), "MB/CPU s", 0.8);
            yield return BenchResult.AtLeast($"{name}-cpu-rival", Rounds($"{name}-proxy-cpu"), "grepplabs", Rounds($"{name}-rival-cpu"), "MB/CPU s", 1.25);
            yield return BenchResult.AtMost($"{name}-allocated", Rounds($"{name}-allocated"), "B/MB", 2000);
        }
    }

    private IEnumerable<BenchResult> LatencyResults()
    {
        foreach (var security in new[] { "plaintext", "tls" })
        {
            foreach (var (share, goal) in new[] { ("p50", 0.2), ("p99", 0.5) })
            {
                var direct = Rounds($"latency-{security}-direct-{share}");
                var proxy = Rounds($"latency-{security}-proxy-{share}");
                if (proxy.Count == 0)
                {
                    continue;
                }

                yield return BenchResult.AtMost($"latency-{security}-{share}-added", [.. proxy.Zip(direct, (through, without) => through - without)], "ms", goal) with
                {
                    Note = string.Create(CultureInfo.InvariantCulture, $"direct {BenchResult.AtMost("", direct, "", 0).Value:0.###} ms"),
                };
            }
        }
    }

    private IEnumerable<BenchResult> MemoryResults()
    {
        if (Rounds("memory-at-rest") is { Count: > 0 } rest)
        {
            yield return BenchResult.AtMost("memory-at-rest-pss", rest, "MB", 64);
            yield return BenchResult.AtMost("memory-idle-connection", Rounds("memory-idle-connection"), "KB", 20);
        }
    }

    private void Add(string figure, double value)
    {
        if (!_figures.TryGetValue(figure, out var rounds))
        {
            _figures[figure] = rounds = [];
        }

        rounds.Add(value);
    }

    private List<double> Rounds(string figure) => _figures.GetValueOrDefault(figure) ?? [];
}
