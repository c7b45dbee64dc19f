using static Switchback.Broker.Configuration.ConfigType;

namespace Switchback.Broker.Configuration;

/// <summary>The configuration a topic can have, in Apache Kafka's words, and which key of the server gives its default.</summary>
internal static class TopicKeys
{
    private const string Forever = "9223372036854775807";

    private static readonly (ConfigKey Key, string? ServerKey)[] Table =
    [
        (new("cleanup.policy", List, "delete", Allowed: ["delete", "compact"]), "log.cleanup.policy"),
        (new("compression.type", ConfigType.String, "producer", Allowed: ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]), "compression.type"),
        (new("delete.retention.ms", Long, "86400000", 0), null),
        (new("file.delete.delay.ms", Long, "60000", 0), null),
        (new("flush.messages", Long, Forever, 1), "log.flush.interval.messages"),
        (new("flush.ms", Long, Forever, 0), "log.flush.interval.ms"),
        (new("index.interval.bytes", Int, "4096", 0), "log.index.interval.bytes"),
        (new("max.compaction.lag.ms", Long, Forever, 1), null),
        (new("max.message.bytes", Int, "1048588", 0), "message.max.bytes"),
        (new("message.timestamp.after.max.ms", Long, "3600000", 0), "log.message.timestamp.after.max.ms"),
        (new("message.timestamp.before.max.ms", Long, Forever, 0), "log.message.timestamp.before.max.ms"),
        (new("message.timestamp.type", ConfigType.String, "CreateTime", Allowed: ["CreateTime", "LogAppendTime"]), "log.message.timestamp.type"),
        (new("min.cleanable.dirty.ratio", ConfigType.String, "0.5"), null),
        (new("min.compaction.lag.ms", Long, "0", 0), null),
        (new("min.insync.replicas", Int, "1", 1), "min.insync.replicas"),
        (new("preallocate", ConfigType.Boolean, "false"), null),
        (new("retention.bytes", Long, "-1", -1), "log.retention.bytes"),
        (new("retention.ms", Long, "604800000", -1), "log.retention.ms"),
        (new("segment.bytes", Int, "1073741824", 1024 * 1024), "log.segment.bytes"),
        (new("segment.index.bytes", Int, "10485760", 4), null),
        (new("segment.jitter.ms", Long, "0", 0), null),
        (new("segment.ms", Long, "604800000", 1), "log.roll.ms"),
        (new("unclean.leader.election.enable", ConfigType.Boolean, "false"), null),
        (new("leader.replication.throttled.replicas", List, ""), null),
        (new("follower.replication.throttled.replicas", List, ""), null),
        (new("remote.storage.enable", ConfigType.Boolean, "false"), null),
        (new("local.retention.ms", Long, "-2", -2), null),
        (new("local.retention.bytes", Long, "-2", -2), null),
    ];

    public static readonly ConfigKey[] All = [.. Table.Select(t => t.Key)];

    public static readonly IReadOnlyDictionary<string, ConfigKey> ByName = All.ToDictionary(k => k.Name, StringComparer.Ordinal);

    public static string? ServerKeyOf(string topicKey) => Array.Find(Table, t => t.Key.Name == topicKey).ServerKey;
}
