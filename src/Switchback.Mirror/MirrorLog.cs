using Microsoft.Extensions.Logging;
using Switchback.Kafka.Client;
using Switchback.Mirror.Links;

namespace Switchback.Mirror;

/// <summary>Everything the mirror logs.</summary>
internal static partial class MirrorLog
{
    [LoggerMessage(1, LogLevel.Information, "link {Link}: copying")]
    public static partial void LinkStarted(ILogger log, string link);

    [LoggerMessage(2, LogLevel.Warning, "link {Link}: {Problem}; trying again")]
    public static partial void LinkFailed(ILogger log, string link, string problem);

    [LoggerMessage(3, LogLevel.Error, "link {Link}: {Problem}; this mirror does nothing more for it")]
    public static partial void LinkFenced(ILogger log, string link, string problem);

    [LoggerMessage(4, LogLevel.Debug, "link {Link}: {Source} from {SourceOffset} to {Target} at {TargetOffset}")]
    public static partial void PartitionStarted(ILogger log, string link, TopicPartition source, long sourceOffset, TopicPartition target, long targetOffset);

    [LoggerMessage(5, LogLevel.Error, "link {Link}: {State}: {Problem}")]
    public static partial void PartitionStopped(ILogger log, string link, PartitionState state, string problem);

    [LoggerMessage(6, LogLevel.Warning, "link {Link}: group {Group} has members on both sides; its offsets on the target are left alone")]
    public static partial void GroupConflict(ILogger log, string link, string group);

    [LoggerMessage(7, LogLevel.Warning, "link {Link}: groups: {Problem}; trying again")]
    public static partial void GroupsFailed(ILogger log, string link, string problem);

    [LoggerMessage(8, LogLevel.Warning, "link {Link}: {Source} {What}; copies of its offsets {FromOffset} to {ToOffset} stay, and what it has now is copied behind them")]
    public static partial void SourceCut(ILogger log, string link, TopicPartition source, string what, long fromOffset, long toOffset);
}
