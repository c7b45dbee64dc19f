namespace Switchback.Drills.Running;

/// <summary>What a user asked of <c>switchback drill</c>.</summary>
public sealed record DrillOptions
{
    /// <summary>A scenario's name, or the path of its file.</summary>
    public required string Scenario { get; init; }

    /// <summary>The parts that come with the product.</summary>
    public const string Embedded = "embedded";

    /// <summary>Apache Kafka, from the distribution that <c>KAFKA_HOME</c> names.</summary>
    public const string Apache = "apache";

    /// <summary><see cref="Embedded"/> or <see cref="Apache"/>; others are refused before anything starts.</summary>
    public string Kafka { get; init; } = Embedded;

    /// <summary><see cref="Embedded"/>, or a context of the kubeconfig.</summary>
    public string Kubernetes { get; init; } = Embedded;

    /// <summary>The network of the embedded platform: <c>auto</c>, <c>namespaces</c> or <c>shared</c>.</summary>
    public string Network { get; init; } = "auto";

    /// <summary>Where verdict, report and ledger go; a folder below the working directory when not given.</summary>
    public required string Report { get; init; }

    /// <summary>The seed of everything random in the drill.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Draws more faults, and another disaster, from the seed.</summary>
    public bool RandomFaults { get; init; }

    /// <summary>Leaves everything up after the verdict, until Ctrl-C.</summary>
    public bool Keep { get; init; }

    /// <summary>The switchback binary, whose subcommands are the parts.</summary>
    public required string Program { get; init; }

    /// <summary>Folders in which a scenario is looked for by its name.</summary>
    public required IReadOnlyList<string> ScenarioFolders { get; init; }
}
