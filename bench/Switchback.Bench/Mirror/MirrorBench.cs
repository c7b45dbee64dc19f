using System.Diagnostics;
using System.Globalization;
using Switchback.Bench.Load;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Bench.Mirror;

/// <summary>
/// The mirror against MirrorMaker 2, between the same two brokers of Apache Kafka, on the same preloaded topic, taking turns; then how late a record is at a steady load,
/// what idle partitions cost, and what a long way costs.
/// </summary>
public sealed class MirrorBench
{
    private const string Topic = "bench";
    private const int Partitions = 6;
    private const int Records = 800_000;
    private const double Megabytes = Records / 1000.0;
    private const int FarRecords = 200_000;
    private const string Rival = "MirrorMaker 2";
    private const int WarmLoads = 8;
    private const double WarmMilliseconds = 40;

    private readonly string _program;
    private readonly string _folder;
    private readonly int _rounds;
    private readonly Action<string> _progress;
    private readonly ApacheKafka _source;
    private readonly ApacheKafka _target;
    private readonly Dictionary<string, List<CopyRun>> _runs = [];
    private int _links;

    private MirrorBench(string program, string folder, int rounds, ApacheKafka source, ApacheKafka target, Action<string> progress) =>
        (_program, _folder, _rounds, _source, _target, _progress) = (program, folder, rounds, source, target, progress);

    /// <summary>The parts that can be asked for alone.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["copy", "lag", "idle", "far"];

    /// <param name="program">The switchback binary.</param>
    /// <param name="rounds">Rounds of each figure; at least 1.</param>
    /// <param name="only">Which of <see cref="Parts"/> to measure; all when there is none.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <param name="cancellation">Ends the bench.</param>
    /// <exception cref="InvalidOperationException">Apache Kafka is not here, or something under measurement failed.</exception>
    public static async Task<BenchReport> RunAsync(string program, int rounds, IReadOnlyList<string> only, Action<string> progress, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("switchback-bench-mirror-");
        try
        {
            string[] properties = ["log.retention.check.interval.ms=5000", "log.segment.delete.delay.ms=1000"];
            await using var source = await ApacheKafka.StartAsync(Path.Combine(folder.FullName, "source"), secure: true, ApacheKafka.FreePorts(3), properties, cancellation);
            await using var target = await ApacheKafka.StartAsync(Path.Combine(folder.FullName, "target"), secure: true, ApacheKafka.FreePorts(3), properties, cancellation);
            return await new MirrorBench(program, folder.FullName, rounds, source, target, progress).RunAsync(only.Count == 0 ? Parts : only, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Plain(ApacheKafka kafka) => string.Create(CultureInfo.InvariantCulture, $"localhost:{kafka.Port + 2}");

    private static ClusterClient Connect(string bootstrap) => new(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(bootstrap), Deadline = TimeSpan.FromSeconds(30) });

    private async Task<BenchReport> RunAsync(IReadOnlyList<string> parts, CancellationToken cancellation)
    {
        await using var source = Connect(Plain(_source));
        await using var target = Connect(Plain(_target));
        var results = new List<BenchResult>();
        if (parts.Contains("copy"))
        {
            results.AddRange(await CopiesAsync(source, target, cancellation));
        }

        if (parts.Contains("lag"))
        {
            results.AddRange(await LatenessAsync(source, target, cancellation));
        }

        if (parts.Contains("idle"))
        {
            results.Add(await IdleAsync(source, cancellation));
        }

        if (parts.Contains("far"))
        {
            results.AddRange(await FarAsync(cancellation));
        }

        return new BenchReport("mirror", Environment.ProcessorCount, _rounds, results);
    }

    private async Task<IEnumerable<BenchResult>> CopiesAsync(ClusterClient source, ClusterClient target, CancellationToken cancellation)
    {
        await source.CreateTopicsAsync([new NewTopic(Topic, Partitions)], cancellation);
        _progress($"preloading {Megabytes} MB");
        await _source.RunAsync(
            ["producer-perf-test", "--topic", Topic, "--num-records", Records.ToString(CultureInfo.InvariantCulture), "--record-size", "1000", "--throughput", "-1", "--command-property", $"bootstrap.servers={Plain(_source)}"], cancellation);
        await CopyAsync("warm", Switchback, target, cancellation);
        for (var round = 1; round <= _rounds; round++)
        {
            _progress($"round {round} of {_rounds}");
            await CopyAsync("switchback", Switchback, target, cancellation);
            await CopyAsync("default", name => MirrorMaker(name, tuned: false), target, cancellation);
            await CopyAsync("tuned", name => MirrorMaker(name, tuned: true), target, cancellation);
            await CopyAsync("tls", name => Switchback(name, Secure(_source), Secure(_target)), target, cancellation);
        }

        return Copied();
    }

    private IEnumerable<BenchResult> Copied()
    {
        List<double> Of(string way, Func<CopyRun, double> figure) => [.. _runs[way].Select(figure)];
        yield return BenchResult.AtLeast("throughput", Of("switchback", r => r.MegabytesPerSecond), Rival, Of("default", r => r.MegabytesPerSecond), "MB/s", 2);
        yield return BenchResult.AtLeast("throughput", Of("switchback", r => r.MegabytesPerSecond), $"{Rival}, tuned", Of("tuned", r => r.MegabytesPerSecond), "MB/s", 1);
        yield return BenchResult.AtLeast("per-cpu-second", Of("switchback", r => r.MegabytesPerCpuSecond), Rival, Of("default", r => r.MegabytesPerCpuSecond), "MB", 10);
        yield return BenchResult.AtLeast("per-cpu-second", Of("switchback", r => r.MegabytesPerCpuSecond), $"{Rival}, tuned", Of("tuned", r => r.MegabytesPerCpuSecond), "MB", 5);
        yield return BenchResult.AtLeast("throughput-tls", Of("tls", r => r.MegabytesPerSecond), "plaintext", Of("switchback", r => r.MegabytesPerSecond), "MB/s", 0);
        yield return BenchResult.AtLeast("per-cpu-second-tls", Of("tls", r => r.MegabytesPerCpuSecond), "plaintext", Of("switchback", r => r.MegabytesPerCpuSecond), "MB", 0);
        yield return BenchResult.AtMost("first-record", Of("switchback", r => r.FirstRecordSeconds), "s", 1);
        yield return BenchResult.AtMost("memory-pss", Of("switchback", r => r.Megabytes), "MB", 150);
        yield return BenchResult.AtLeast("memory-pss-of-rival", Of("default", r => r.Megabytes), "switchback", Of("switchback", r => r.Megabytes), "MB", 0);
    }

    private async Task CopyAsync(string way, Func<string, IReadOnlyList<string>> command, ClusterClient target, CancellationToken cancellation)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{way}{++_links}");
        var topic = name + "." + Topic;
        var run = await CopyRun.MeasureAsync(command(name), target, topic, Partitions, Records, Megabytes, cancellation);
        _progress($"  {way}: {run.MegabytesPerSecond:0} MB/s, {run.MegabytesPerCpuSecond:0} MB a CPU second, first record after {run.FirstRecordSeconds:0.00} s, {run.Megabytes:0} MB of memory");
        if (!_runs.TryGetValue(way, out var runs))
        {
            _runs[way] = runs = [];
        }

        runs.Add(run);
        await target.DeleteTopicsAsync([topic], cancellation);
        await Task.Delay(TimeSpan.FromSeconds(2), cancellation);
    }

    private string[] Switchback(string name) => Switchback(name, $"bootstrap.servers: \"{Plain(_source)}\"", $"bootstrap.servers: \"{Plain(_target)}\"");

    private string[] Switchback(string name, string source, string target, string topic = Topic)
    {
        var file = Path.Combine(_folder, name + ".yaml");
        File.WriteAllText(file, $$"""
            clusters:
              source: { {{source}} }
              target: { {{target}} }
            links:
              - { name: {{name}}, source: source, target: target, topics: [{{topic}}], configs: { cluster.link.prefix: {{name}}., auto.create.mirror.topics.enable: false } }
            """);
        return [_program, "mirror", "--config", file];
    }

    private static string Secure(ApacheKafka kafka) => string.Create(
        CultureInfo.InvariantCulture,
        $"bootstrap.servers: \"localhost:{kafka.Port}\", security.protocol: SASL_SSL, sasl.mechanism: SCRAM-SHA-256, sasl.username: admin, sasl.password: admin-secret, ssl.ca.location: {kafka.Folder}/ca.pem");

    private string[] MirrorMaker(string name, bool tuned)
    {
        var file = Path.Combine(_folder, name + ".properties");
        var large = $"""
            {name}.consumer.max.poll.records=20000
            {name}.consumer.max.partition.fetch.bytes=8388608
            {name}.consumer.fetch.max.bytes=67108864
            {name}.consumer.fetch.min.bytes=262144
            b.producer.batch.size=524288
            b.producer.linger.ms=20
            b.producer.buffer.memory=134217728
            b.producer.max.request.size=8388608
            """;
        File.WriteAllText(file, $"""
            clusters={name},b
            {name}.bootstrap.servers={Plain(_source)}
            b.bootstrap.servers={Plain(_target)}
            {name}->b.enabled=true
            {name}->b.topics={Topic}
            b->{name}.enabled=false
            replication.factor=1
            checkpoints.topic.replication.factor=1
            heartbeats.topic.replication.factor=1
            offset-syncs.topic.replication.factor=1
            config.storage.replication.factor=1
            offset.storage.replication.factor=1
            status.storage.replication.factor=1
            {(tuned ? large : "")}
            """);
        return [Path.Combine(ApacheKafka.Home!, "bin", "kafka-run"), "connect-mirror-maker", file];
    }

    /// <summary>At a steady load: how much later a record is on the target than a consumer straight on the source sees it, in the same run.</summary>
    private async Task<IReadOnlyList<BenchResult>> LatenessAsync(ClusterClient source, ClusterClient target, CancellationToken cancellation)
    {
        const string topic = "steady";
        await source.CreateTopicsAsync([new NewTopic(topic, Partitions)], cancellation);
        await using var mirror = Launched.Start(Switchback("late", $"bootstrap.servers: \"{Plain(_source)}\"", $"bootstrap.servers: \"{Plain(_target)}\"", topic));
        await WaitForAsync(target, "late." + topic, cancellation);
        var (half, tail) = (new List<double>(), new List<double>());
        await using var reading = Connect(Plain(_source));
        await using var readingCopy = Connect(Plain(_target));

        // Brokers that have just been started keep even a reader of their own waiting for seconds: what they do to the mirror's is no figure of the mirror.
        for (var warm = 0; warm < WarmLoads; warm++)
        {
            if ((await LoadAsync()).Straight.Percentile(0.99) < WarmMilliseconds)
            {
                break;
            }
        }

        for (var round = 1; round <= _rounds; round++)
        {
            var (at, behind) = await LoadAsync();
            half.Add(behind.Percentile(0.5) - at.Percentile(0.5));
            tail.Add(behind.Percentile(0.99) - at.Percentile(0.99));
        }

        return [BenchResult.AtMost("lag-p50-above-straight", half, "ms", 2), BenchResult.AtMost("lag-p99-above-straight", tail, "ms", 6)];

        async Task<(Latencies Straight, Latencies Mirrored)> LoadAsync()
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            TaskCompletionSource[] ready = [new(), new()];
            var straight = Task.Run(() => SteadyLoad.ReadAsync(reading, topic, Partitions, ready[0], stop.Token), cancellation);
            var copied = Task.Run(() => SteadyLoad.ReadAsync(readingCopy, "late." + topic, Partitions, ready[1], stop.Token), cancellation);
            await Task.WhenAll(ready.Select(r => r.Task));
            await SteadyLoad.ProduceAsync(source, topic, Partitions, 48, TimeSpan.FromSeconds(8), cancellation);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            await stop.CancelAsync();
            var (at, behind) = (await straight, await copied);
            _progress($"  at 48 MB/s: straight p50 {at.Percentile(0.5):0.0}, p99 {at.Percentile(0.99):0.0} ms; mirrored {behind.Percentile(0.5):0.0}, {behind.Percentile(0.99):0.0} ms");
            return (at, behind);
        }
    }

    /// <summary>What the mirror takes at 10 MB/s over ten partitions, of a thousand and of ten.</summary>
    private async Task<BenchResult> IdleAsync(ClusterClient source, CancellationToken cancellation)
    {
        var costs = new Dictionary<int, List<double>> { [10] = [], [1000] = [] };
        await using var target = Connect(Plain(_target));
        foreach (var (partitions, cost) in costs)
        {
            var topic = string.Create(CultureInfo.InvariantCulture, $"idle{partitions}");
            await source.CreateTopicsAsync([new NewTopic(topic, partitions)], cancellation);
            await using var mirror = Launched.Start(Switchback(topic, $"bootstrap.servers: \"{Plain(_source)}\"", $"bootstrap.servers: \"{Plain(_target)}\"", topic));
            await WaitForAsync(target, $"{topic}.{topic}", cancellation);
            await SteadyLoad.ProduceAsync(source, topic, 10, 10, TimeSpan.FromSeconds(4), cancellation);
            for (var round = 0; round < _rounds; round++)
            {
                var before = ProcessUsage.CpuSeconds(mirror.Id);
                await SteadyLoad.ProduceAsync(source, topic, 10, 10, TimeSpan.FromSeconds(5), cancellation);
                cost.Add((ProcessUsage.CpuSeconds(mirror.Id) - before) * 1000 / 5);
            }

            _progress($"  ten busy partitions of {partitions}: {cost.Average():0} ms of CPU a second");
        }

        // A ratio where more is better: what ten cost, of what a thousand do.
        return BenchResult.AtLeast("ten-busy-of-ten", costs[10], "ten busy of a thousand", costs[1000], "ms/s", 0.8);
    }

    /// <summary>One partition, written in batches of 16 kB, over 50 ms there and back: to a source that is far, and to a target that is far.</summary>
    private async Task<IReadOnlyList<BenchResult>> FarAsync(CancellationToken cancellation)
    {
        var port = ApacheKafka.FreePorts(1);
        await using var way = new DelayRelay(port, TimeSpan.FromMilliseconds(25));
        var configuration = Path.Combine(_folder, "far.properties");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"advertised.listeners=CLIENTS://127.0.0.1:{way.Port}\n"), cancellation);
        await using var broker = Launched.Start([_program, "broker", "--listen", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "--data", Path.Combine(_folder, "far"), "--config", configuration]);
        if (!await broker.LineAsync("ready: ", cancellation))
        {
            throw new InvalidOperationException($"the far cluster does not start: {broker.Errors}");
        }

        var far = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{way.Port}");
        await using var near = Connect(Plain(_source));
        await using var away = Connect(far);
        var (from, to) = (new List<double>(), new List<double>());
        await near.CreateTopicsAsync([new NewTopic("near", 1)], cancellation);
        await away.CreateTopicsAsync([new NewTopic("away", 1)], cancellation);
        await PreloadAsync(near, "near", cancellation);
        await PreloadAsync(away, "away", cancellation);
        for (var round = 1; round <= _rounds; round++)
        {
            from.Add(await RunAsync(near, string.Create(CultureInfo.InvariantCulture, $"from{round}"), "away", far, Plain(_source)));
            to.Add(await RunAsync(away, string.Create(CultureInfo.InvariantCulture, $"to{round}"), "near", Plain(_source), far));
        }

        return [Least("far-source", from), Least("far-target", to)];

        async Task<double> RunAsync(ClusterClient target, string name, string topic, string source, string sink)
        {
            var run = await CopyRun.MeasureAsync(
                Switchback(name, $"bootstrap.servers: \"{source}\"", $"bootstrap.servers: \"{sink}\"", topic), target, $"{name}.{topic}", 1, FarRecords, FarRecords / 1000.0, cancellation);
            _progress($"  50 ms away, {name}: {run.MegabytesPerSecond:0.0} MB/s");
            await target.DeleteTopicsAsync([$"{name}.{topic}"], cancellation);
            return run.MegabytesPerSecond;
        }

        static BenchResult Least(string name, List<double> rounds) => BenchResult.AtLeast(name, rounds, "the bar of 20 MB/s", [20], "MB/s", 1);
    }

    private static async Task PreloadAsync(ClusterClient client, string topic, CancellationToken cancellation)
    {
        const int recordsInBatch = 16;
        var partition = new TopicPartition(topic, 0);
        await client.RefreshMetadataAsync([topic], cancellation);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, cancellation), cancellation);
        var id = await client.GetTopicIdAsync(topic, cancellation);
        var version = connection.NegotiatedVersion(ProduceRequest.ApiKey);
        using var builder = new RecordBatchBuilder();
        var value = new byte[1000];
        Random.Shared.NextBytes(value);
        for (var i = 0; i < recordsInBatch; i++)
        {
            builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, value);
        }

        var batch = builder.Build();
        var answers = new Queue<Task<ProduceResponse>>();
        for (var i = 0; i < FarRecords; i += recordsInBatch)
        {
            var data = new ProduceRequest.TopicProduceData { Name = topic, TopicId = version >= 13 ? id : Guid.Empty, PartitionData = [new() { Index = 0, Records = batch }] };
            answers.Enqueue(connection.SendAsync(new ProduceRequest { Acks = 1, TimeoutMs = 30_000, TopicData = [data] }, version, cancellation));
            if (answers.Count >= 200)
            {
                await answers.Dequeue();
            }
        }

        await Task.WhenAll(answers);
    }

    /// <summary>Waits until the mirror has made a topic and its partitions their leaders.</summary>
    private static async Task WaitForAsync(ClusterClient target, string topic, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        while (!(await target.RefreshMetadataAsync(null, cancellation)).Topics.ContainsKey(topic))
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(60))
            {
                throw new InvalidOperationException($"the mirror did not make {topic}");
            }

            await Task.Delay(100, cancellation);
        }

        await target.WaitForLeadersAsync([topic], cancellation);
        await Task.Delay(TimeSpan.FromSeconds(2), cancellation);
    }
}
