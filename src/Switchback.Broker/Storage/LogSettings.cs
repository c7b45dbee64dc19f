namespace Switchback.Broker.Storage;

/// <summary>What one partition's log follows: the topic's own configuration over the cluster's defaults.</summary>
/// <param name="SegmentBytes">A segment is closed before it would grow beyond this.</param>
/// <param name="SegmentMs">A segment is closed when its first record is older than this.</param>
/// <param name="RetentionMs">Closed segments whose newest record is older than this are deleted; -1 keeps them.</param>
/// <param name="RetentionBytes">The oldest closed segments are deleted while the log holds at least this much without them; -1 keeps them.</param>
/// <param name="MaxMessageBytes">The largest record batch that is accepted.</param>
/// <param name="IndexIntervalBytes">Bytes of log between two entries of the offset index.</param>
/// <param name="LogAppendTime">Whether records get the broker's time instead of the client's.</param>
/// <param name="FlushMessages">Records after which the file is forced to disk; <see cref="long.MaxValue"/> leaves that to the system.</param>
/// <param name="TimestampAfterMaxMs">How far a client's timestamp may lie in the future.</param>
/// <param name="TimestampBeforeMaxMs">How far a client's timestamp may lie in the past.</param>
/// <param name="Retained">Whether retention deletes anything; a compacted topic keeps all, as nothing compacts here.</param>
/// <param name="FlushMs">Milliseconds after which the file is forced to disk, as often as the cluster looks; <see cref="long.MaxValue"/> leaves that to the system.</param>
internal sealed record LogSettings(
    int SegmentBytes = 1 << 30,
    long SegmentMs = 7L * 24 * 3600 * 1000,
    long RetentionMs = 7L * 24 * 3600 * 1000,
    long RetentionBytes = -1,
    int MaxMessageBytes = 1_048_588,
    int IndexIntervalBytes = 4096,
    bool LogAppendTime = false,
    long FlushMessages = long.MaxValue,
    long TimestampAfterMaxMs = 3_600_000,
    long TimestampBeforeMaxMs = long.MaxValue,
    bool Retained = true,
    long FlushMs = long.MaxValue);
