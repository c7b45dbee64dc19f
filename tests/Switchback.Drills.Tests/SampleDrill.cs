using Switchback.Drills.Ledger;
using Switchback.Drills.Load;

namespace Switchback.Drills.Tests;

/// <summary>
/// A drill as it goes when nothing goes wrong that need not: four clients, two clusters, a crash, failover and failback. Tests plant
/// defects into it. Times are milliseconds; the numbers are small enough to follow by hand.
/// </summary>
internal sealed class SampleDrill
{
    public const string ProxyProducer = "java-cloud-producer";
    public const string ProxyConsumer = "java-cloud-consumer";
    public const string DirectProducer = "java-cloud-producer-noproxy";
    public const string DirectConsumer = "java-cloud-consumer-noproxy";
    public const double Crash = 5000;
    public const double Switch = 8000;
    public const double Return = 18000;
    public const double Back = 20000;
    public const double LoadEnd = 33000;
    public const double End = 35000;

    private static readonly (string Producer, string Consumer, string Topic, string Group, ClientRoute Route)[] Pairs =
    [
        (ProxyProducer, ProxyConsumer, "chuck-java-topic", "chuck-java-cg", ClientRoute.Proxy),
        (DirectProducer, DirectConsumer, "chuck-java-np-topic", "chuck-java-noproxy-cg", ClientRoute.Direct),
    ];

    private readonly Dictionary<(string Cluster, string Topic, int Partition), long> _ends = [];
    private readonly Random _random;

    public SampleDrill(int seed = 1, int intervalMs = 50)
    {
        _random = new Random(seed);
        foreach (var (producer, consumer, topic, _, _) in Pairs)
        {
            Pods(producer);
            Pods(consumer);
            for (double at = 100 + _random.Next(20); at < LoadEnd; at += intervalMs)
            {
                Request(producer, consumer, topic, at);
            }
        }
    }

    public List<Observation> Observations { get; } = [];

    public List<ClusterRecord> Settled { get; } = [];

    public List<ClusterRecord> DuringDisaster { get; } = [];

    public List<PodFact> PodFacts { get; } = [];

    public List<LoadSample> Requests { get; } = [];

    public List<RolloutFact> Rollouts { get; } = [.. ExpectedRollouts()];

    public List<ProxySample> Proxies { get; } = [.. Scraped()];

    public List<SnapshotFact> Snapshots { get; } =
    [
        new("west", SnapshotMoment.Disaster, Return - 500, Return - 300, 0),
        new("north", SnapshotMoment.Settled, End - 300, End - 200, 0),
        new("west", SnapshotMoment.Settled, End - 300, End - 200, 0),
    ];

    public List<string> Bars { get; } = ["lost = 0", "unmirrored = 0", "every client made progress", "one rollout per change"];

    public DrillEvidence Evidence() => new()
    {
        Facts = Facts(),
        Observations = [.. Observations.OrderBy(seen => seen.Client, StringComparer.Ordinal).ThenBy(seen => seen.AtMs)],
        Phases =
        [
            new(PhaseNames.Steady, 0, Crash), new(PhaseNames.Disaster, Crash, Switch), new(PhaseNames.Failover, Switch, Return),
            new(PhaseNames.Failback, Return, LoadEnd), new(PhaseNames.Settled, LoadEnd, End),
        ],
        Steps = Steps(),
        Pods = PodFacts,
        Rollouts = Rollouts,
        Requests = Requests,
        Proxies = Proxies,
        Snapshots = Snapshots,
        Settled = Settled,
        DuringDisaster = DuringDisaster,
    };

    /// <summary>Writes the drill's ledger as a drill does, and answers with the same evidence.</summary>
    public async Task<DrillEvidence> WriteAsync(string directory, CancellationToken cancellationToken)
    {
        var evidence = Evidence();
        var clock = DrillClock.Start();
        using (var ledger = LedgerWriter.Create(directory, evidence.Facts))
        {
            evidence.Observations.ToList().ForEach(ledger.Write);
            evidence.Phases.ToList().ForEach(ledger.Write);
            evidence.Steps.ToList().ForEach(ledger.Write);
            evidence.Pods.ToList().ForEach(ledger.Write);
            evidence.Rollouts.ToList().ForEach(ledger.Write);
            evidence.Requests.ToList().ForEach(ledger.Write);
            evidence.Proxies.ToList().ForEach(ledger.Write);
            foreach (var snapshot in Snapshots)
            {
                var records = snapshot.Moment == SnapshotMoment.Settled ? Settled : DuringDisaster;
                await ledger.WriteSnapshotAsync(
                    snapshot.Cluster, snapshot.Moment, records.Where(record => record.Cluster == snapshot.Cluster).ToAsyncEnumerable(), clock, cancellationToken);
            }
        }

        // The snapshots were timed by a clock of their own: put back the times of the drill.
        var files = new LedgerFiles(directory);
        await File.WriteAllLinesAsync(
            files.Snapshots, Snapshots.Select(snapshot => System.Text.Json.JsonSerializer.Serialize(snapshot, LedgerJson.Default.SnapshotFact)), cancellationToken);
        return evidence;
    }

    /// <summary>Ids acknowledged in a time, in the order they were sent.</summary>
    public List<string> Acknowledged(string producer, double from = 0, double until = double.MaxValue) =>
        [.. Observations.Where(seen => seen.Kind == ObservationKind.Acknowledged && seen.Client == producer && seen.AtMs >= from && seen.AtMs < until)
            .OrderBy(seen => seen.AtMs).Select(seen => seen.Id)];

    public ClusterRecord Origin(string id) => Settled.Single(record => record.Id == id && record.Topic.StartsWith("chuck-", StringComparison.Ordinal));

    public ClusterRecord Copy(string id) => Settled.Single(record => record.Id == id && record != Origin(id));

    /// <summary>The proxies of the two clients behind one, asked once a second; the first ones lose their brokers by the crash.</summary>
    private static IEnumerable<ProxySample> Scraped()
    {
        foreach (var client in new[] { ProxyProducer, ProxyConsumer })
        {
            for (double at = 0; at < End; at += 1000)
            {
                var pod = PodAt(client, at);
                var since = at - (pod == PodAt(client, LoadEnd) ? Takeover(client, Back) : pod == PodAt(client, 0) ? 0 : Takeover(client, Switch));
                var away = at > Crash && pod == PodAt(client, 0);
                yield return new ProxySample(client, pod, at, !away, away ? 0 : 3, 4, away ? 3 : 0, (long)since / 10, (long)since * 7, (long)since * 3);
            }
        }
    }

    private static double ReadyAfter(string client) => client switch { ProxyProducer => 2600, DirectProducer => 1900, ProxyConsumer => 2900, _ => 2200 };

    /// <summary>When the incarnation that follows a switch takes over. After failback consumers wait for the session timeout of the dead member.</summary>
    private static double Takeover(string client, double switched) =>
        switched + ReadyAfter(client) + (switched >= Back && client.Contains("consumer") ? 5600 : 0);

    private static string? ClusterAt(string client, double at) =>
        at < Crash ? "north" : at < Takeover(client, Switch) ? null : at < Back ? "west" : at < Takeover(client, Back) ? (client.Contains("consumer") ? null : "west") : "north";

    private static string PodAt(string client, double at) =>
        $"{client}-{(at < Takeover(client, Switch) ? "5f6d8c-x2x7k" : at < Takeover(client, Back) ? "7b9d44-q8m2v" : "6c5f9b-h4t9d")}";

    private void Pods(string client)
    {
        PodFacts.Add(new PodFact(client, PodAt(client, 0), -3000, Switch + 1500, "north"));
        PodFacts.Add(new PodFact(client, PodAt(client, Switch + 4000), Switch + 600, Back + 1500, "west"));
        PodFacts.Add(new PodFact(client, PodAt(client, LoadEnd), Back + 600, null, "north"));
    }

    private void Request(string producer, string consumer, string topic, double at)
    {
        var id = new Guid(_random.Next(), 0, 0, BitConverter.GetBytes(_random.NextInt64())).ToString();
        var key = $"{producer}-{_random.Next(8)}";
        var cluster = ClusterAt(producer, at);
        var pod = PodAt(producer, at);
        Requests.Add(new LoadSample(producer, at - 1, 2 + _random.NextDouble(), 200));
        Observations.Add(new Observation(ObservationKind.Sent, producer, pod, id, at, topic, key));
        if (cluster is null)
        {
            // The old pod takes it and never hears of it: the pattern's silent loss.
            return;
        }

        var took = 2 + (_random.NextDouble() * 4);
        var partition = int.Parse(key[^1..], System.Globalization.CultureInfo.InvariantCulture) % 6;
        var origin = Append(cluster, topic, partition, id, key, at);
        Observations.Add(new Observation(ObservationKind.Acknowledged, producer, pod, id, at + took, topic, key, partition, origin.Offset));
        var other = cluster == "north" ? "west" : "north";
        var stranded = cluster == "north" && at + took > Crash - 12;
        var copy = Append(other, $"{cluster}-{topic}", partition, id, key, at);
        if (!stranded && other == "west")
        {
            DuringDisaster.Add(copy);
        }

        if (cluster == "west" && at < Return - 600)
        {
            DuringDisaster.Add(origin);
        }

        Deliver(consumer, origin, copy, at + took + 3, stranded);
    }

    private void Deliver(string consumer, ClusterRecord origin, ClusterRecord copy, double readable, bool stranded)
    {
        var at = readable;
        if (ClusterAt(consumer, at) is null || (stranded && at < Takeover(consumer, Back)))
        {
            at = readable < Takeover(consumer, Switch) && !stranded ? Takeover(consumer, Switch) : Takeover(consumer, Back);
        }

        var place = ClusterAt(consumer, at) == origin.Cluster ? origin : copy;
        Observations.Add(new Observation(ObservationKind.Delivered, consumer, PodAt(consumer, at), origin.Id!, at, place.Topic, origin.Key, place.Partition, place.Offset));
        var group = Pairs.Single(pair => pair.Consumer == consumer).Group;
        Observations.Add(new Observation(ObservationKind.OffsetCommitted, consumer, PodAt(consumer, at), group, at + 1, place.Topic, null, place.Partition, place.Offset + 1));
    }

    private ClusterRecord Append(string cluster, string topic, int partition, string id, string key, double at)
    {
        var offset = _ends.GetValueOrDefault((cluster, topic, partition));
        _ends[(cluster, topic, partition)] = offset + 1;
        var record = new ClusterRecord(cluster, topic, partition, offset, id, key, (long)at);
        Settled.Add(record);
        return record;
    }

    private DrillFacts Facts() => new()
    {
        Scenario = "active-active",
        Kafka = "embedded",
        Kubernetes = "embedded",
        Network = "namespaces",
        Fault = "crash",
        Seed = 1,
        Started = new DateTimeOffset(2026, 11, 22, 9, 30, 0, TimeSpan.Zero),
        Clusters = ["north", "west"],
        LostCluster = "north",
        Links =
        [
            new("north-west-clink", "north", "west", "north-", ["chuck-java-topic", "chuck-java-np-topic"], true, 100),
            new("west-north-clink", "west", "north", "west-", ["chuck-java-topic", "chuck-java-np-topic"], true, 100),
        ],
        Clients =
        [
            .. Pairs.SelectMany(pair => new ClientFact[]
            {
                new(pair.Producer, ClientRole.Producer, pair.Route, pair.Topic),
                new(pair.Consumer, ClientRole.Consumer, pair.Route, $".*{pair.Topic}", pair.Group, 6000),
            }),
        ],
        Bars = Bars,
    };

    private static List<StepFact> Steps() =>
    [
        new(StepKind.Step, "Load starts: 20 requests a second to POST /chuck-says of each producer", 0, 10),
        new(StepKind.Fault, "kill -9 of the whole north cluster", Crash, Crash + 4, "kill -9 4711", "north"),
        .. SwitchTo("west", Switch),
        new(StepKind.Step, "west read whole, while north is away", Return - 500, Return - 300, null, "west"),
        new(StepKind.Recovery, "north comes back on its own disk", Return, Return + 700, "switchback broker --data north", "north"),
        new(StepKind.Step, "The mirrors have caught up in both directions", Return + 700, Return + 1900),
        .. SwitchTo("north", Back),
        new(StepKind.Step, "Load stops", LoadEnd, LoadEnd + 5),
    ];

    private static IEnumerable<StepFact> SwitchTo(string cluster, double at) =>
    [
        new(StepKind.Switch, $"kafka-proxy-config gets {cluster}'s values", at, at + 40, $"switchback switch proxy {cluster}", cluster, [ProxyProducer, ProxyConsumer]),
        new(StepKind.Switch, $"java-cloud-producer-noproxy-config gets {cluster}'s values", at + 40, at + 70, $"switchback switch producer {cluster}", cluster, [DirectProducer]),
        new(StepKind.Switch, $"java-cloud-consumer-noproxy-config gets {cluster}'s values", at + 70, at + 100, $"switchback switch consumer {cluster}", cluster, [DirectConsumer]),
    ];

    private static IEnumerable<RolloutFact> ExpectedRollouts() =>
        from cluster in new[] { "west", "north" }
        from change in new[]
        {
            (Config: "kafka-proxy-config", Rolls: new[] { ProxyProducer, ProxyConsumer }),
            (Config: "java-cloud-producer-noproxy-config", Rolls: [DirectProducer]),
            (Config: "java-cloud-consumer-noproxy-config", Rolls: [DirectConsumer]),
        }
        from workload in new[] { ProxyProducer, ProxyConsumer, DirectProducer, DirectConsumer }
        let concerned = change.Rolls.Contains(workload) ? 1 : 0
        select new RolloutFact($"{change.Config} to {cluster}", workload, concerned, concerned, concerned == 1 ? ReadyAfter(workload) + 400 : null);
}
