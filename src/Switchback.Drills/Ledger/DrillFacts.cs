namespace Switchback.Drills.Ledger;

/// <summary>What a drill is: known before it starts, and all that the verdict needs to know of the scenario.</summary>
internal sealed record DrillFacts
{
    /// <summary>The scenario's name, such as <c>active-active</c>.</summary>
    public required string Scenario { get; init; }

    /// <summary><c>embedded</c>, <c>apache</c>, or the file that names the clusters.</summary>
    public required string Kafka { get; init; }

    /// <summary><c>embedded</c>, or the kubeconfig context.</summary>
    public required string Kubernetes { get; init; }

    /// <summary><c>namespaces</c> or <c>shared</c>.</summary>
    public required string Network { get; init; }

    /// <summary><c>crash</c> or <c>cut</c>.</summary>
    public required string Fault { get; init; }

    /// <summary>The seed of everything random.</summary>
    public int Seed { get; init; }

    /// <summary>The drill's beginning as wall-clock time.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The clusters' names.</summary>
    public required IReadOnlyList<string> Clusters { get; init; }

    /// <summary>The cluster the disaster takes; null in a scenario without one.</summary>
    public string? LostCluster { get; init; }

    /// <summary>The mirror links.</summary>
    public required IReadOnlyList<LinkFact> Links { get; init; }

    /// <summary>The applications.</summary>
    public required IReadOnlyList<ClientFact> Clients { get; init; }

    /// <summary>The scenario's bars, as its file writes them.</summary>
    public required IReadOnlyList<string> Bars { get; init; }
}

/// <summary>A mirror link: each of the topics on the source is copied to the target under the prefix.</summary>
/// <param name="Name">Such as <c>north-west-clink</c>.</param>
/// <param name="Source">The cluster it copies from.</param>
/// <param name="Target">The cluster it copies to.</param>
/// <param name="Prefix">What it puts before a topic's name, such as <c>north-</c>.</param>
/// <param name="Topics">The topics on the source that it mirrors.</param>
/// <param name="SyncsOffsets">Whether it carries the groups' places to the target too (<c>consumer.offset.sync.enable</c>); null where that is not known.</param>
/// <param name="OffsetSyncMs">How often it does, in milliseconds (<c>consumer.offset.sync.ms</c>).</param>
internal sealed record LinkFact(
    string Name, string Source, string Target, string Prefix, IReadOnlyList<string> Topics, bool? SyncsOffsets = null, double? OffsetSyncMs = null);

/// <summary>What an application does with records.</summary>
internal enum ClientRole
{
    /// <summary>It sends.</summary>
    Producer,

    /// <summary>It is delivered to.</summary>
    Consumer,
}

/// <summary>How an application reaches its cluster.</summary>
internal enum ClientRoute
{
    /// <summary>By a proxy in its pod.</summary>
    Proxy,

    /// <summary>By its own configuration.</summary>
    Direct,
}

/// <summary>One application of the scenario.</summary>
/// <param name="Name">Its Deployment's name.</param>
/// <param name="Role">Producer or consumer.</param>
/// <param name="Through">By a proxy or direct.</param>
/// <param name="Topic">A producer's topic, or a consumer's pattern as its configuration writes it (<c>.*chuck-java-topic</c>, matched whole).</param>
/// <param name="Group">A consumer's group.</param>
/// <param name="SessionTimeoutMs">A consumer's <c>session.timeout.ms</c>, for naming a wait that it explains.</param>
/// <param name="Namespace">The Kubernetes namespace.</param>
/// <param name="ReadsUncommitted">Whether a consumer's own configuration asks for records of open transactions.</param>
internal sealed record ClientFact(
    string Name,
    ClientRole Role,
    ClientRoute Through,
    string Topic,
    string? Group = null,
    double? SessionTimeoutMs = null,
    string? Namespace = null,
    bool ReadsUncommitted = false);
