using Microsoft.Extensions.Logging;

namespace Switchback.Broker;

/// <summary>Everything the embedded cluster logs.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(1, LogLevel.Information, "Cluster {ClusterId} with {Brokers} brokers serves {Topics} topics from {Directory}")]
    public static partial void Started(this ILogger log, string clusterId, int brokers, int topics, string directory);

    [LoggerMessage(2, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger log);

    [LoggerMessage(3, LogLevel.Warning, "Connection from {Client} to broker {Broker} closed: {Reason}")]
    public static partial void ConnectionRefused(this ILogger log, string client, int broker, string reason);

    [LoggerMessage(4, LogLevel.Debug, "Connection from {Client} to broker {Broker} ended: {Reason}")]
    public static partial void ConnectionLost(this ILogger log, string client, int broker, string reason);

    [LoggerMessage(5, LogLevel.Error, "A request from {Client} to broker {Broker} failed")]
    public static partial void RequestFailed(this ILogger log, Exception failure, string client, int broker);

    [LoggerMessage(6, LogLevel.Information, "Topic {Topic} created with {Partitions} partitions")]
    public static partial void TopicCreated(this ILogger log, string topic, int partitions);

    [LoggerMessage(7, LogLevel.Information, "Topic {Topic} deleted")]
    public static partial void TopicDeleted(this ILogger log, string topic);

    [LoggerMessage(8, LogLevel.Error, "{Topic}-{Partition} cannot be written: {Reason}")]
    public static partial void StorageFailed(this ILogger log, string topic, int partition, string? reason);

    [LoggerMessage(10, LogLevel.Information, "Transactional id {Id}: {What}")]
    public static partial void TransactionChanged(this ILogger log, string id, string what);

    [LoggerMessage(11, LogLevel.Error, "Background work failed; it is tried again")]
    public static partial void BackgroundFailed(this ILogger log, Exception failure);

    [LoggerMessage(12, LogLevel.Warning, "Broker {Broker} could not accept a connection: {Reason}")]
    public static partial void AcceptFailed(this ILogger log, int broker, string reason);

    [LoggerMessage(13, LogLevel.Warning, "{Topic}-{Partition} lost {Records} records with the power: they were not forced to disk. It ends at offset {EndOffset}")]
    public static partial void LostToPower(this ILogger log, string topic, int partition, long records, long endOffset);

    [LoggerMessage(14, LogLevel.Information, "Broker {Broker} stopped in good order")]
    public static partial void BrokerStopped(this ILogger log, int broker);

    [LoggerMessage(15, LogLevel.Information, "Broker {Broker} was killed")]
    public static partial void BrokerKilled(this ILogger log, int broker);

    [LoggerMessage(16, LogLevel.Information, "Broker {Broker} came back")]
    public static partial void BrokerStarted(this ILogger log, int broker);
}
