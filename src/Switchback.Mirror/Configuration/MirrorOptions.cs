using Switchback.Kafka.Client.Properties;

namespace Switchback.Mirror.Configuration;

/// <summary>A mirror's configuration: clusters, the links between them, and where it answers.</summary>
public sealed record MirrorOptions
{
    /// <summary>The clusters by name.</summary>
    public required IReadOnlyDictionary<string, ClusterOptions> Clusters { get; init; }

    /// <summary>The links.</summary>
    public required IReadOnlyList<LinkOptions> Links { get; init; }

    /// <summary>Where status, metrics and the progress feed are served over HTTP, or null for nowhere.</summary>
    public System.Net.IPEndPoint? Listen { get; init; }

    /// <summary>Reads a configuration file and judges it as a whole.</summary>
    /// <exception cref="MirrorConfigurationException">It cannot be used: every error is listed.</exception>
    public static MirrorOptions Load(string file) => new MirrorConfigurationReader(file).Read();
}

/// <summary>A cluster of the configuration.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Properties">Where it is, and how to be let in.</param>
public sealed record ClusterOptions(string Name, ClientProperties Properties);

/// <summary>One link: topics of a source cluster copied to a target cluster.</summary>
public sealed record LinkOptions
{
    /// <summary>What the names of the mirror's own topics begin with; such topics are never copied.</summary>
    public const string OwnTopics = "switchback.";

    /// <summary>The link's name; its positions on the target are kept under it.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the cluster copied from.</summary>
    public required string Source { get; init; }

    /// <summary>Name of the cluster copied to.</summary>
    public required string Target { get; init; }

    /// <summary><c>cluster.link.prefix</c>: what a mirror topic's name has before the source topic's; empty by default.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Topics to mirror by name; with none named, every topic that <see cref="AutoCreate"/> and its filters take.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary><c>auto.create.mirror.topics.enable</c>: whether topics are mirrored as they appear; true by default.</summary>
    public bool AutoCreate { get; init; } = true;

    /// <summary><c>auto.create.mirror.topics.filters</c>: which; all by default.</summary>
    public NameFilter TopicFilter { get; init; } = NameFilter.All;

    /// <summary><c>consumer.offset.sync.enable</c>: whether groups are kept in step; false by default.</summary>
    public bool SyncGroups { get; init; }

    /// <summary><c>consumer.offset.sync.ms</c>: how often; 100 ms by default.</summary>
    public TimeSpan GroupInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary><c>consumer.offset.group.filters</c>: which groups; all by default.</summary>
    public NameFilter GroupFilter { get; init; } = NameFilter.All;

    /// <summary><c>topic.config.sync.ms</c>: how often topic settings are compared; 5 s by default.</summary>
    public TimeSpan TopicConfigInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The compacted topic on the target that keeps the breakpoints.</summary>
    internal string OffsetsTopic => $"{OwnTopics}{Name}.offsets";

    /// <summary>What the mirror writes as.</summary>
    internal string TransactionalId => $"switchback-mirror-{Name}";
}
