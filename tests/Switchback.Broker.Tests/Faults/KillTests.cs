using System.Globalization;
using System.Text;
using Switchback.Broker.Storage;
using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Faults;

/// <summary>
/// Kills the whole cluster under load, again and again, on the same data: what was acknowledged is there, once and in order, in every partition; and so is
/// the last offset that was committed. Three rounds by default; fifty with SWITCHBACK_LONG=1. SWITCHBACK_SEED=N plays the kills of an earlier run again.
/// </summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const string Topic = "load";
    private const string Group = "load-group";
    private const int Partitions = 4;
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-kill-").FullName;
    private long _acknowledged;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_cluster_is_killed_under_load()
    {
        var (rounds, drawn) = Campaigns.AreAskedFor ? (50, Random.Shared.Next()) : (3, 1);
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SWITCHBACK_SEED"), CultureInfo.InvariantCulture, out var asked) ? asked : drawn;
        output.WriteLine($"{rounds} rounds, seed {seed}");
        var random = new Random(seed);
        var loads = Enumerable.Range(0, Partitions).Select(partition => new Load(new TopicPartition(Topic, partition))).ToArray();
        using var cluster = new ClusterProcess("offsets.topic.num.partitions=1\n", 2, _directory);
        var (committed, next) = (-1L, 0L);
        for (var round = 0; round < rounds; round++)
        {
            cluster.Start();
            await using var client = new ClusterClient(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(cluster.Bootstrap), Deadline = TimeSpan.FromSeconds(5) });
            if (round == 0)
                await client.CreateTopicsAsync([new NewTopic(Topic, Partitions, 1, new Dictionary<string, string> { ["segment.bytes"] = "1048576" })], Stop);
            else
                Assert.InRange(await CommittedAsync(client, Group, loads[0].Partition), committed, next);
            using var killed = new CancellationTokenSource();
            var working = loads.Select(load => load.RunAsync(client, () => Interlocked.Increment(ref _acknowledged), killed.Token)).ToArray();
            var committing = CommitAsync(client, loads[0].Partition, next, killed.Token);
            var enough = Interlocked.Read(ref _acknowledged) + random.Next(1, 2000);
            await Eventually.HoldsAsync(() => Interlocked.Read(ref _acknowledged) > enough || working.Any(w => w.IsCompleted));
            Assert.All(loads, load => Assert.True(load.Failure is null, $"round {round}, before the kill: {load.Failure}"));
            cluster.Kill();
            await killed.CancelAsync();
            await Task.WhenAll(working);
            if (await committing is var last && last > next)
                (committed, next) = (last - 1, last);
        }

        output.WriteLine($"{_acknowledged} records acknowledged");
        foreach (var load in loads)
        {
            var found = Found(load.Partition);
            Assert.Equal([], load.Acknowledged.Except(found));
            Assert.Equal(found.Distinct().Order(), found);
        }
    }

    /// <summary>Commits one offset after the other until the cluster is gone; the next one to commit.</summary>
    private static async Task<long> CommitAsync(ClusterClient client, TopicPartition partition, long from, CancellationToken killed)
    {
        var next = from;
        try
        {
            while (!killed.IsCancellationRequested)
            {
                var request = new OffsetCommitRequest
                {
                    GroupId = Group,
                    GenerationIdOrMemberEpoch = -1,
                    Topics = [new() { Name = partition.Topic, Partitions = [new() { PartitionIndex = partition.Partition, CommittedOffset = next, CommittedMetadata = "" }] }],
                };
                var connection = await client.ConnectToCoordinatorAsync(CoordinatorType.Group, Group, killed);
                if ((await connection.SendAsync(request, 8, killed)).Topics[0].Partitions[0].ErrorCode == KafkaError.None)
                    next++;
            }
        }
        catch (Exception failure) when (failure is KafkaErrorException or IOException or OperationCanceledException)
        {
            return next;
        }

        return next;
    }

    private List<int> Found(TopicPartition partition)
    {
        using var log = new PartitionLog(Path.Combine(_directory, "data", $"{partition.Topic}-{partition.Partition}"), new LogSettings());
        var values = new List<int>();
        log.ReadAll(batch => values.AddRange(batch.ReadRecords().Select(r => int.Parse(Encoding.ASCII.GetString(r.Value!.Value.Span).Trim(), CultureInfo.InvariantCulture))));
        return values;
    }

    /// <summary>An idempotent producer of one partition: it numbers its records and writes down which were acknowledged.</summary>
    private sealed class Load(TopicPartition partition)
    {
        private int _next;

        public TopicPartition Partition => partition;

        public List<int> Acknowledged { get; } = [];

        /// <summary>What ended the last round; null while it goes on.</summary>
        public Exception? Failure { get; private set; }

        public async Task RunAsync(ClusterClient client, Action acknowledged, CancellationToken killed)
        {
            Failure = null;
            try
            {
                for (; ; _next++)
                {
                    var value = _next.ToString(CultureInfo.InvariantCulture).PadRight(1000 + (_next % 7 * 500));
                    await client.ProduceAsync(partition, Batches.From(1000 + partition.Partition, 0, _next, value), null, killed);
                    Acknowledged.Add(_next);
                    acknowledged();
                }
            }
            catch (Exception failure) when (failure is KafkaErrorException or IOException or OperationCanceledException)
            {
                // Its outcome is unknown: it is sent again in the next round, under its old sequence, and may not come twice.
                Failure = failure;
            }
        }
    }
}
