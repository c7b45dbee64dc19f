using System.Text.Json.Serialization;

namespace Switchback.Mirror.Status;

/// <summary>What <c>GET /status</c> answers.</summary>
public sealed record MirrorStatus(IReadOnlyList<LinkStatus> Links);

/// <summary>How a link stands.</summary>
public sealed record LinkStatus
{
    /// <summary>The link's name.</summary>
    public required string Name { get; init; }

    /// <summary>The source cluster's name.</summary>
    public required string Source { get; init; }

    /// <summary>The target cluster's name.</summary>
    public required string Target { get; init; }

    /// <summary>starting, copying, sourceUnavailable, targetUnavailable, fenced or stopped.</summary>
    public required string State { get; init; }

    /// <summary>What is wrong, or null.</summary>
    public string? Problem { get; init; }

    /// <summary>Topics copied.</summary>
    public int Topics { get; init; }

    /// <summary>Partitions copied.</summary>
    public int Partitions { get; init; }

    /// <summary>
    /// Source offsets not yet on the target, asked for at the source just now; 0 is caught up. Null while either side cannot be reached. Offsets
    /// of a partition that cannot be copied on count too.
    /// </summary>
    public long? LagRecords { get; init; }

    /// <summary>The same in bytes as they are on the wire, estimated from the records copied so far; null before the first.</summary>
    public long? LagBytes { get; init; }

    /// <summary>While behind, the age of the youngest record on the target in the partition that lags most, in ms; 0 when caught up.</summary>
    public long? LagMs { get; init; }

    /// <summary>Records written to the target by this process.</summary>
    public long RecordsCopied { get; init; }

    /// <summary>Bytes of the batches written.</summary>
    public long BytesCopied { get; init; }

    /// <summary>Batches written.</summary>
    public long BatchesCopied { get; init; }

    /// <summary>Batches whose records had to be written anew.</summary>
    public long BatchesRewritten { get; init; }

    /// <summary>Batches whose records were joined with those of others, because several waited.</summary>
    public long BatchesJoined { get; init; }

    /// <summary>Source offsets that can never be copied any more.</summary>
    public long GapOffsets { get; init; }

    /// <summary>Times the link began anew after a trouble.</summary>
    public long Restarts { get; init; }

    /// <summary>The latest gaps.</summary>
    public required IReadOnlyList<GapStatus> Gaps { get; init; }

    /// <summary>The latest source offsets whose copies the source no longer has.</summary>
    public required IReadOnlyList<CutStatus> Cuts { get; init; }

    /// <summary>Groups kept in step.</summary>
    public int Groups { get; init; }

    /// <summary>
    /// Groups whose place on the target was left at an older one when all of them were last looked at: somebody is in the twin, or the target did not take it. Null before
    /// the first look since the link copies, and while a broker cannot say which groups it has; 0 where groups are not kept in step.
    /// </summary>
    public int? GroupsBehind { get; init; }

    /// <summary>Groups with members on both sides, whose offsets on the target are left alone.</summary>
    public required IReadOnlyList<string> Conflicts { get; init; }

    /// <summary>Each partition.</summary>
    public required IReadOnlyList<PartitionStatus> PartitionDetails { get; init; }
}

/// <summary>Source offsets that were gone before they were copied.</summary>
/// <param name="Partition">Topic and partition on the source.</param>
/// <param name="FromOffset">The first of them.</param>
/// <param name="ToOffset">The first one after them.</param>
public sealed record GapStatus(string Partition, long FromOffset, long ToOffset);

/// <summary>Source offsets that were copied before the source lost them: its log was cut back, or its topic created anew. The copies stay.</summary>
/// <param name="Partition">Topic and partition on the source.</param>
/// <param name="FromOffset">The first of them.</param>
/// <param name="ToOffset">The first one after them.</param>
/// <param name="NewTopic">Whether the topic was deleted and created again.</param>
public sealed record CutStatus(string Partition, long FromOffset, long ToOffset, bool NewTopic);

/// <summary>How a partition of a link stands.</summary>
/// <param name="SourceTopic">Topic on the source.</param>
/// <param name="TargetTopic">Topic on the target.</param>
/// <param name="Partition">Partition of both.</param>
/// <param name="State">copying, foreign or refused.</param>
/// <param name="Problem">What is wrong, or null.</param>
/// <param name="SourceOffset">Everything before this source offset is on the target, or was left out on purpose.</param>
/// <param name="TargetOffset">The target offset that the next record will get.</param>
/// <param name="LagRecords">Source offsets behind; null while unknown.</param>
/// <param name="LagBytes">The same in bytes, by the average of what was copied; null while unknown.</param>
/// <param name="LagMs">While behind, the age of the youngest record on the target, in milliseconds; null while unknown.</param>
public sealed record PartitionStatus(
    string SourceTopic, string TargetTopic, int Partition, string State, string? Problem, long SourceOffset, long TargetOffset, long? LagRecords, long? LagBytes, long? LagMs);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MirrorStatus))]
[JsonSerializable(typeof(ProgressLine))]
internal sealed partial class StatusJson : JsonSerializerContext;

/// <summary>One line of the progress feed.</summary>
internal sealed record ProgressLine(string Link, string SourceTopic, string TargetTopic, int Partition, long SourceOffset, long TargetOffset);
