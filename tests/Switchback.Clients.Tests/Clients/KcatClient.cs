using System.Globalization;
using System.Text.RegularExpressions;
using Confluent.Kafka;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Clients;

/// <summary>kcat, which is librdkafka on a command line.</summary>
internal sealed partial class KcatClient : ForeignClient
{
    private static readonly Lock Door = new();

    public override string Name => "kcat";

    public override IReadOnlyList<string> Codecs => ["none", "gzip", "snappy", "lz4", "zstd"];

    public override bool IsIdempotent => true;

    public override Task<string?> WhyMissingAsync() => Task.FromResult(Tool.Find("kcat") is null ? "kcat is not on this machine" : null);

    public override Task<ClientSession> ProduceAsync(ClientTarget target, string topic, string codec = "none") =>
        Task.FromResult<ClientSession>(new Producer(Arguments(target, "-P", "-t", topic, "-z", codec, "-X", "enable.idempotence=true", "-X", "linger.ms=5", "-vvv", "-E")));

    /// <summary>It hears of acknowledgements only while it reads.</summary>
    public override async Task<ClientSession> LoadAsync(ClientTarget target, string topic) => new SteadyLoad(await ProduceAsync(target, topic), int.MaxValue);

    public override ClientSession Join(ClientTarget target, string topic, string group, bool newProtocol = false) => new ProgramSession(
        "kcat -G", "kcat", Arguments(target, "-u", "-f", @"%p\t%o\t%s\n", "-X", "auto.offset.reset=earliest", "-X", "session.timeout.ms=10000", "-E", "-G", group, topic),
        output: (session, line) => session.Deliver(ProgramSession.Record(line.Split('\t'))), errors: Rebalanced, endsBySignal: true);

    public override async Task<IReadOnlyList<Delivered>> ReadAsync(ClientTarget target, string topic, int partition, long offset, int count)
    {
        var read = await Tool.RunAsync("kcat", Arguments(target, "-C", "-q", "-t", topic, "-p", $"{partition}", "-o", $"{offset}", "-c", $"{count}", "-f", @"%p\t%o\t%s\n"));
        Assert.True(read.ExitCode == 0, read.All);
        return [.. read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => ProgramSession.Record(line.Split('\t')))];
    }

    /// <summary>All it reads until its end is one transaction; a signal ends it with 1, and its successor's first request aborts what it left.</summary>
    public override async Task<IReadOnlyList<string>> TransactAsync(ClientTarget target, Judge judge, string topic, string group)
    {
        var arguments = Arguments(target, "-P", "-t", topic, "-p", "0", "-vvv", "-X", $"transactional.id=tx-{topic}", "-X", "linger.ms=5");
        List<string> committed = [];
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            var isAborted = name is "a" or "c";
            await using var producer = new Producer(arguments, endsBySignal: isAborted);
            // It reads its input in large pieces: what is to be there before its end is more than a few words.
            foreach (var value in Enumerable.Range(0, isAborted ? 500 : 10).Select(i => $"{name}{i}{(isAborted ? new string('-', 300) : "")}"))
                await producer.SendAsync(value);
            if (isAborted)
            {
                await Eventually.HoldsAsync(
                    async () => (await judge.ReadAllAsync(topic, 1, IsolationLevel.ReadUncommitted)).Any(record => record.Value[0] == name[0]), "a record that will be aborted is there",
                    () => Task.FromResult(producer.Complaints));
            }

            await producer.EndAsync();
            committed.AddRange(isAborted ? [] : producer.Acknowledged);
        }

        return committed;
    }

    /// <summary>Its arguments, with what opens the target's door in a file, as a password has no place on a command line.</summary>
    public static string[] Arguments(ClientTarget target, params string[] arguments)
    {
        if (target.Login is not { } login)
            return ["-b", target.Bootstrap, .. arguments];
        var file = Path.Combine(Path.GetDirectoryName(login.CaFile)!, "kcat.properties");
        lock (Door)
        {
            if (!File.Exists(file))
                File.WriteAllText(file, $"security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username={login.User}\nsasl.password={login.Password}\nssl.ca.location={login.CaFile}\n");
        }

        return ["-F", file, "-b", target.Bootstrap, .. arguments];
    }

    private static void Rebalanced(ProgramSession session, string line)
    {
        if (!line.Contains("rebalanced", StringComparison.Ordinal))
            return;
        var partitions = PartitionPattern().Matches(line).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        if (line.Contains("assigned:", StringComparison.Ordinal))
            session.AssignAlso(partitions);
        else if (line.Contains("revoked:", StringComparison.Ordinal))
            session.Revoke(partitions);
    }

    [GeneratedRegex(@"\[(\d+)\]")]
    private static partial Regex PartitionPattern();

    /// <summary>It says how many are kept, and which when it has ended well: all it was given.</summary>
    private sealed class Producer(string[] arguments, bool endsBySignal = false) : ProgramSession("kcat -P", "kcat", arguments, errors: Delivered, endsBySignal: endsBySignal, signalled: 1)
    {
        private readonly List<string> _given = [];
        private int _delivered;
        private bool _ended;

        public override int AcknowledgedCount => Volatile.Read(ref _delivered);

        public override IReadOnlyList<string> Acknowledged => _ended ? _given : [];

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

        private static new void Delivered(ProgramSession session, string line)
        {
            if (line.Contains("Message delivered to partition", StringComparison.Ordinal))
                Interlocked.Increment(ref ((Producer)session)._delivered);
        }
    }
}
