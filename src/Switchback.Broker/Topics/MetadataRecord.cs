using System.Text.Json.Serialization;

namespace Switchback.Broker.Topics;

/// <summary>What a line of the metadata journal says.</summary>
internal enum MetadataChange
{
    /// <summary>The cluster was started. Not zero: what is zero is not written.</summary>
    Started = 1,
    TopicCreated,
    TopicDeleted,
    PartitionsAdded,
    ConfigurationChanged,
    LeadersMoved,
    ProducerIdsReserved,
}

/// <summary>One line of the metadata journal. Which fields are set follows from <see cref="Change"/>.</summary>
internal sealed record MetadataRecord
{
    public required MetadataChange Change { get; init; }

    public string? Topic { get; init; }

    public Guid TopicId { get; init; }

    /// <summary>The brokers of each partition, the preferred leader first.</summary>
    public int[][]? Replicas { get; init; }

    public Dictionary<string, string>? Configuration { get; init; }

    /// <summary>How many starts there had been when the topic was created: its leader epochs count from there.</summary>
    public int Starts { get; init; }

    /// <summary>How often leaders moved apart from starts, for each partition.</summary>
    public int[]? Moves { get; init; }

    /// <summary>The first producer id that is not given out yet.</summary>
    public long NextProducerId { get; init; }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(MetadataRecord))]
internal sealed partial class MetadataJson : JsonSerializerContext;
