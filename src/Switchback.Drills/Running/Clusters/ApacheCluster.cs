using System.Globalization;
using System.Net;
using Switchback.Drills.Running.Processes;
using Switchback.Drills.Scenarios;
using Switchback.Kafka.Client;

namespace Switchback.Drills.Running.Clusters;

/// <summary>
/// An Apache Kafka cluster (KRaft) from the distribution that <c>KAFKA_HOME</c> names: a Java process a broker, the first one the controller too. What is
/// told to it beyond the embedded cluster's configuration is where its parts listen and how often its own topics are replicated.
/// </summary>
internal sealed class ApacheCluster : DrillCluster
{
    private static readonly TimeSpan FormattedWithin = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Java ends when its parent does, however that ends: the shell waits for the end of its standard input, and kills.</summary>
    private const string Launcher = """
        "$@" </dev/null >&2 & child=$!; echo "ready: $child"; read -r _; kill -9 $child
        """;

    private readonly string _libraries;
    private readonly string _clusterId;
    private readonly List<(string Name, string Properties, string Log)> _brokers = [];
    private readonly List<string> _disks = [];
    private readonly List<(ChildProcess Shell, int Java)> _running = [];
    private bool _formatted;

    /// <exception cref="DrillException">Java or Apache Kafka is not here.</exception>
    public ApacheCluster(ClusterSpec spec, IPAddress host, bool behindRelay, Random random, DrillFolder folder, DrillCertificates certificates)
        : base(spec, host, behindRelay, random, certificates)
    {
        _libraries = Path.Combine(Home(), "libs", "*");
        _clusterId = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', 'a').Replace('/', 'b');
        var ports = FreePorts.Find(IPAddress.Loopback, spec.Brokers + 1, random);
        var replicas = Math.Min(3, spec.Brokers).ToString(CultureInfo.InvariantCulture);
        for (var id = 1; id <= spec.Brokers; id++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{spec.Name}-{id}");
            var listeners = string.Create(CultureInfo.InvariantCulture, $"CLIENTS://{Listeners[id - 1]},BROKERS://127.0.0.1:{ports[id]}");
            var lines = Configuration(spec);
            lines["process.roles"] = id == 1 ? "broker,controller" : "broker";
            lines["node.id"] = id.ToString(CultureInfo.InvariantCulture);
            lines["controller.quorum.voters"] = string.Create(CultureInfo.InvariantCulture, $"1@127.0.0.1:{ports[0]}");
            lines["controller.listener.names"] = "CONTROLLER";
            lines["inter.broker.listener.name"] = "BROKERS";
            lines["listeners"] = id == 1 ? string.Create(CultureInfo.InvariantCulture, $"{listeners},CONTROLLER://127.0.0.1:{ports[0]}") : listeners;
            lines["advertised.listeners"] = string.Create(CultureInfo.InvariantCulture, $"CLIENTS://{BootstrapServers[id - 1]},BROKERS://127.0.0.1:{ports[id]}");
            lines["listener.security.protocol.map"] = "CLIENTS:SASL_SSL,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT";
            lines["offsets.topic.replication.factor"] = replicas;
            lines["transaction.state.log.replication.factor"] = replicas;
            lines["transaction.state.log.min.isr"] = "1";
            lines.TryAdd("offsets.topic.num.partitions", "8");
            lines.TryAdd("transaction.state.log.num.partitions", "8");
            var data = folder.Of(name);
            lines["log.dirs"] = Path.Combine(data, "data");
            _disks.Add(lines["log.dirs"]);
            var properties = Path.Combine(data, "server.properties");
            WriteConfiguration(properties, lines);
            _brokers.Add((name, properties, folder.LogOf(name)));
        }
    }

    public override bool IsUp => _running.Count > 0 && _running.TrueForAll(broker => !broker.Shell.HasExited && Directory.Exists($"/proc/{broker.Java}"));

    public override IReadOnlyList<int> Processes => [.. _running.Select(broker => broker.Java)];

    public override async Task StartAsync(CancellationToken cancellation)
    {
        if (!_formatted)
        {
            await Task.WhenAll(_brokers.Select(broker => FormatAsync(broker.Name, broker.Properties, broker.Log, cancellation)));
            _formatted = true;
        }

        foreach (var (name, properties, log) in _brokers)
        {
            var (shell, java) = await ChildProcess.StartAsync(
                name, ["/bin/sh", "-c", Launcher, "sh", .. Java("kafka.Kafka"), properties], log, FormattedWithin, cancellation);
            _running.Add((shell, int.Parse(java, CultureInfo.InvariantCulture)));
        }

        await WaitForBrokersAsync(cancellation);
    }

    public override async Task CrashAsync()
    {
        // All at once: no broker may hand anything over to another.
        foreach (var (_, java) in _running)
        {
            Kill(java);
        }

        await DisposeAsync();
        _running.Clear();
    }

    public override Task StartAfterPowerLossAsync(CancellationToken cancellation) =>
        throw new DrillException($"{Name}: what an Apache Kafka had not forced to disk cannot be taken from it: a loss of power is for embedded clusters");

    public override async Task DestroyAsync()
    {
        await CrashAsync();
        _disks.ForEach(disk => Directory.Delete(disk, recursive: true));
        _formatted = false;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var (shell, java) in _running)
        {
            Kill(java);
            await shell.DisposeAsync();
        }
    }

    private static string Home()
    {
        var home = Environment.GetEnvironmentVariable("KAFKA_HOME");
        if (string.IsNullOrEmpty(home) || !Directory.Exists(Path.Combine(home, "libs")))
        {
            throw new DrillException("--kafka apache: Apache Kafka is not here: set KAFKA_HOME to the folder of a distribution (with libs/)");
        }

        var java = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "java")).FirstOrDefault(File.Exists);
        return java is null ? throw new DrillException("--kafka apache: java is not on the PATH: Apache Kafka needs Java 17 or newer") : home;
    }

    /// <summary>The heap is small and compiling is done in one go, because six brokers, and a node perhaps, share a machine whose processors their start would take for a minute.</summary>
    private string[] Java(string program) => ["java", "-Xms256m", "-Xmx384m", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=1", "-cp", _libraries, program];

    private async Task FormatAsync(string name, string properties, string log, CancellationToken cancellation)
    {
        const string Run = """
            "$@" </dev/null >&2 && echo "ready: formatted"
            """;
        string[] command = ["/bin/sh", "-c", Run, "sh", .. Java("kafka.tools.StorageTool"), "format", "-t", _clusterId, "-c", properties];
        var (shell, _) = await ChildProcess.StartAsync(name, command, log, FormattedWithin, cancellation);
        await shell.DisposeAsync();
    }

    private async Task WaitForBrokersAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ReadyWithin);
        await using var client = Connect();
        try
        {
            while (true)
            {
                try
                {
                    if ((await client.RefreshMetadataAsync([], patience.Token)).Brokers.Count == _brokers.Count)
                    {
                        return;
                    }
                }
                catch (Exception error) when (error is KafkaConnectionException or KafkaErrorException or TimeoutException)
                {
                    if (!IsUp)
                    {
                        throw new DrillException($"a broker of {Name} ended while it started: {error.Message}; see {Path.GetDirectoryName(_brokers[0].Log)}");
                    }
                }

                await Task.Delay(Poll, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DrillException($"the brokers of {Name} did not all answer within {ReadyWithin.TotalSeconds:0} s; see {Path.GetDirectoryName(_brokers[0].Log)}");
        }
    }

    private static void Kill(int process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(process);
            found.Kill();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // It has ended.
        }
    }
}
