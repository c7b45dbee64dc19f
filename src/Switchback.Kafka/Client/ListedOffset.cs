namespace Switchback.Kafka.Client;

/// <summary>The answer of ListOffsets for one partition.</summary>
/// <param name="Offset">The offset; -1 when no record is that young.</param>
/// <param name="Timestamp">The record's timestamp in ms since 1970, or -1.</param>
/// <param name="LeaderEpoch">The epoch of the leader that wrote it, or -1.</param>
public readonly record struct ListedOffset(long Offset, long Timestamp, int LeaderEpoch);

/// <summary>The timestamps that ListOffsets takes for special places.</summary>
public static class OffsetPlace
{
    /// <summary>The end of the log: the high watermark, or the last stable offset when only committed records are read.</summary>
    public const long Latest = -1;

    /// <summary>The beginning of the log.</summary>
    public const long Earliest = -2;

    /// <summary>The record with the highest timestamp (version 7).</summary>
    public const long MaxTimestamp = -3;
}

/// <summary>Which records a reader sees.</summary>
public enum IsolationLevel : sbyte
{
    /// <summary>Everything up to the high watermark.</summary>
    ReadUncommitted = 0,

    /// <summary>Everything up to the last stable offset; aborted records are to be dropped by the reader.</summary>
    ReadCommitted = 1,
}
