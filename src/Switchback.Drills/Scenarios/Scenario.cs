using System.Globalization;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Scenarios;

/// <summary>One disaster recovery pattern as its file states it: topology, clients, load, phases of steps, and the bars its verdict is held to. Immutable, and valid as a whole.</summary>
internal sealed record Scenario
{
    /// <summary>The scenario's name, as the verdict repeats it.</summary>
    public required string Name { get; init; }

    /// <summary>What the scenario shows, for the report. May be empty.</summary>
    public required string About { get; init; }

    /// <summary>The file it was read from; relative paths in it start from its folder.</summary>
    public required string Path { get; init; }

    public required IReadOnlyDictionary<string, ClusterSpec> Clusters { get; init; }

    public required IReadOnlyDictionary<string, TopicSpec> Topics { get; init; }

    public required IReadOnlyDictionary<string, LinkSpec> Links { get; init; }

    /// <summary>Folders or files of manifests, absolute, in the order in which they are applied.</summary>
    public required IReadOnlyList<string> Manifests { get; init; }

    public required IReadOnlyDictionary<string, ClientSpec> Clients { get; init; }

    public required IReadOnlyDictionary<string, SwitchSpec> Switches { get; init; }

    public required LoadSpec Load { get; init; }

    public required IReadOnlyList<Phase> Phases { get; init; }

    /// <summary>The bars as written: <c>METRIC OP NUMBER</c> or a named bar.</summary>
    public required IReadOnlyList<string> Bars { get; init; }

    /// <summary>Faults besides those of the phases' steps, each at a moment of its own.</summary>
    public IReadOnlyList<TimedFault> TimedFaults { get; init; } = [];

    /// <summary>The disaster: the first fault of the phase of that name that takes a cluster from its clients.</summary>
    public FaultStep? Disaster => Phases.Where(phase => phase.Name == PhaseNames.Disaster).SelectMany(phase => phase.Steps).OfType<FaultStep>()
        .FirstOrDefault(fault => Clusters.ContainsKey(fault.Target) && fault.Kind != FaultKind.DiskFull && fault.Cut is null or { Clients: true });

    /// <summary>Whether a cluster is destroyed and never brought back.</summary>
    public bool LeavesDestroyed(string cluster) => Phases.SelectMany(phase => phase.Steps)
        .LastOrDefault(step => step is FaultStep fault ? fault.Target == cluster : step is RecoverStep recovery && recovery.Target == cluster)
        is FaultStep { Kind: FaultKind.Destroyed };

    /// <summary>Every fault there is.</summary>
    public IEnumerable<FaultStep> Faults => Phases.SelectMany(phase => phase.Steps).OfType<FaultStep>().Concat(TimedFaults.Select(timed => timed.Fault));
}

/// <summary>A fault that comes at its own moment of a phase and is undone after its own time, whatever the phase's steps are at.</summary>
/// <param name="Phase">The phase whose beginning it counts from.</param>
/// <param name="After">From then to the fault.</param>
/// <param name="Lasts">From the fault to when it is undone.</param>
internal sealed record TimedFault(string Phase, TimeSpan After, FaultStep Fault, TimeSpan Lasts);

/// <param name="Brokers">How many brokers the cluster has, 1 to 9.</param>
/// <param name="Config">Keys of server.properties that the scenario sets.</param>
internal sealed record ClusterSpec(string Name, int Brokers, IReadOnlyDictionary<string, string> Config);

/// <param name="Partitions">1 to 1,000.</param>
/// <param name="On">The clusters that have it under this, unprefixed name.</param>
internal sealed record TopicSpec(string Name, int Partitions, IReadOnlyList<string> On);

/// <param name="Configs">Link configs under Confluent's names, <c>cluster.link.prefix</c> among them.</param>
internal sealed record LinkSpec(string Name, string Source, string Target, IReadOnlyDictionary<string, string> Configs)
{
    public const string PrefixKey = "cluster.link.prefix";

    /// <summary>What the target's copy of a topic is called: this, then the origin's name.</summary>
    public string Prefix => Configs.TryGetValue(PrefixKey, out var prefix) ? prefix : "";

    /// <summary>Whether the groups' places are carried to the target, by default not; null where a filter says which groups' are.</summary>
    public bool? SyncsOffsets => !Configs.TryGetValue("consumer.offset.sync.enable", out var enabled) || enabled != "true" ? false
        : Configs.ContainsKey("consumer.offset.group.filters") ? null
        : true;

    /// <summary>How often they are carried, in milliseconds.</summary>
    public double OffsetSyncMs =>
        Configs.TryGetValue("consumer.offset.sync.ms", out var text) && double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? ms : 100;
}

/// <summary>An application of the scenario: a Deployment with one ledger on its standard output.</summary>
/// <param name="Name">The name of the Deployment, of its application container and, for a producer, of its Service.</param>
/// <param name="ThroughProxy">Whether it reaches Kafka through the sidecar, as the verdict repeats it.</param>
/// <param name="Topic">For a producer the topic, for a consumer the pattern it subscribes to.</param>
/// <param name="Group">A consumer's group; empty for a producer.</param>
internal sealed record ClientSpec(string Name, string Namespace, bool IsProducer, bool ThroughProxy, string Topic, string Group);

/// <summary>How one kind of client is pointed to a cluster: one ConfigMap, replaced by the values of that cluster.</summary>
/// <param name="Values">Cluster name to the manifest (absolute path) that holds the ConfigMap with its values.</param>
/// <param name="Rolls">The Deployments that have to roll, once each.</param>
internal sealed record SwitchSpec(string Name, string Namespace, string ConfigMap, IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> Rolls);

/// <param name="RatePerSecond">Requests a second to each producer, open loop.</param>
/// <param name="Path">The path of the request, <c>/chuck-says</c>.</param>
/// <param name="WaitForDelivery">Whether the request asks the application to answer after the delivery report.</param>
internal sealed record LoadSpec(double RatePerSecond, string Path, bool WaitForDelivery);

/// <param name="Name">steady, disaster, failover, failback or settled.</param>
internal sealed record Phase(string Name, IReadOnlyList<Step> Steps);
