using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Clients;

/// <summary>Java's own client, by Apache Kafka's tools.</summary>
internal sealed partial class JavaClient : ForeignClient
{
    private static readonly Lock Door = new();

    public override string Name => "Java";

    public override IReadOnlyList<string> Codecs => ["none", "gzip", "snappy", "lz4", "zstd"];

    public override bool IsIdempotent => true;

    public override bool HasNewGroups => true;

    public override Task<string?> WhyMissingAsync() => Task.FromResult(ApacheKafka.Home is null ? ApacheKafka.WhyNot : null);

    public override Task<ClientSession> ProduceAsync(ClientTarget target, string topic, string codec = "none") => Task.FromResult<ClientSession>(new ConsoleProducer(
        "console-producer", Run, ["console-producer", .. At(target), "--topic", topic, "--compression-codec", codec, "--message-send-max-retries", "1000", "--request-timeout-ms", "30000",
        "--command-property", "delivery.timeout.ms=120000", .. Login(target, "--command-config")], JavaMachine.Environment()));

    public override Task<ClientSession> LoadAsync(ClientTarget target, string topic) => Task.FromResult<ClientSession>(new ProgramSession(
        "verifiable-producer", "/bin/sh", ApacheKafka.ToolEndingWithInput(["verifiable-producer", .. At(target), "--topic", topic, "--throughput", "50", .. Login(target, "--command-config")]),
        JavaMachine.Environment(), ReadEvent, endsBySignal: true));

    public override ClientSession Join(ClientTarget target, string topic, string group, bool newProtocol = false)
    {
        string[] protocol = newProtocol ? ["--group-protocol", "CONSUMER"] : ["--session-timeout", "10000"];
        return new ProgramSession(
            "verifiable-consumer",
            "/bin/sh",
            ApacheKafka.ToolEndingWithInput(["verifiable-consumer", .. At(target), "--topic", topic, "--group-id", group, "--verbose", .. protocol, .. Login(target, "--command-config")]),
            JavaMachine.Environment(), ReadEvent, endsBySignal: true);
    }

    public override async Task<IReadOnlyList<Delivered>> ReadAsync(ClientTarget target, string topic, int partition, long offset, int count)
    {
        var read = await ToolAsync(
            [
                "console-consumer", .. At(target), "--topic", topic, "--partition", $"{partition}", "--offset", $"{offset}", "--max-messages", $"{count}", "--timeout-ms", "60000",
                "--isolation-level", "read_committed", "--formatter-property", "print.partition=true", "--formatter-property", "print.offset=true", .. Login(target, "--command-config"),
            ]);
        return [.. RecordPattern().Matches(read).Select(match => ProgramSession.Record([match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value]))];
    }

    public override ClientTarget WhereItTransacts(ClientTarget target, TestedCluster cluster) => target.Login is null ? target : cluster.Plaintext;

    /// <summary>The message copier copies a partition in transactions, offsets included, and aborts some at random. It knows no TLS.</summary>
    public override async Task<IReadOnlyList<string>> TransactAsync(ClientTarget target, Judge judge, string topic, string group)
    {
        var source = topic + "-source";
        await judge.CreateTopicAsync(source, 1);
        var values = Enumerable.Range(0, 200).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToList();
        await judge.ProduceAsync(source, 0, values);
        await ToolAsync(
            [
                "transactional-message-copier", "--broker-list", target.Bootstrap, "--transactional-id", $"tx-{topic}", "--input-topic", source, "--input-partition", "0", "--output-topic", topic,
                "--transaction-size", "5", "--consumer-group", group, "--max-messages", "200", "--enable-random-aborts", "--use-group-metadata",
            ]);
        return values;
    }

    /// <summary>What one of its tools prints; the test fails when the tool does.</summary>
    public static async Task<string> ToolAsync(IReadOnlyList<string> arguments)
    {
        var run = await ApacheKafka.RunAsync(arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)} ended with {run.ExitCode}: {run.All}");
        return run.All;
    }

    /// <summary>One of its tools, beside the test.</summary>
    public static Program StartTool(IEnumerable<string> arguments, string heap = JavaMachine.SmallHeap, Action<string>? output = null) =>
        Program.Start("/bin/sh", ApacheKafka.ToolEndingWithInput(arguments), JavaMachine.Environment(heap), output);

    public static string[] At(ClientTarget target) => ["--bootstrap-server", target.Bootstrap];

    public static string[] Login(ClientTarget target, string option)
    {
        if (target.Login is null)
            return [];
        var file = Path.Combine(Path.GetDirectoryName(target.Login.CaFile)!, "java.properties");
        lock (Door)
        {
            if (!File.Exists(file))
                File.WriteAllText(file, target.JavaProperties("SCRAM-SHA-512"));
        }

        return [option, file];
    }

    private static string Run => Path.Combine(ApacheKafka.Home!, "bin", "kafka-run");

    private static void ReadEvent(ProgramSession session, string line)
    {
        if (!line.StartsWith('{'))
            return;
        var said = JsonDocument.Parse(line).RootElement;
        switch (said.GetProperty("name").GetString())
        {
            case "producer_send_success":
                session.Acknowledge(said.GetProperty("value").GetString()!);
                break;
            case "record_data":
                session.Deliver(new Delivered(said.GetProperty("partition").GetInt32(), said.GetProperty("offset").GetInt64(), said.GetProperty("value").GetString()!));
                break;
            case "partitions_assigned":
                session.AssignAlso(Partitions(said));
                break;
            case "partitions_revoked":
                session.Revoke(Partitions(said));
                break;
        }
    }

    private static List<int> Partitions(JsonElement said) => [.. said.GetProperty("partitions").EnumerateArray().Select(p => p.GetProperty("partition").GetInt32())];

    [GeneratedRegex(@"Partition:(\d+)\tOffset:(\d+)\t(.*)")]
    private static partial Regex RecordPattern();

    /// <summary>It does not say what is kept: all it was given, when it has ended without an error.</summary>
    private sealed class ConsoleProducer(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
        : ProgramSession(name, program, arguments, environment)
    {
        private readonly List<string> _given = [];
        private bool _ended;

        public override IReadOnlyList<string> Acknowledged => _ended && !Running.Errors.Contains("ERROR", StringComparison.Ordinal) ? _given : [];

        public override Task SendAsync(string value)
        {
            _given.Add(value);
            return base.SendAsync(value);
        }

        public override async Task EndAsync()
        {
            await base.EndAsync();
            _ended = true;
        }
    }
}
