using static Switchback.Broker.Configuration.ConfigType;

namespace Switchback.Broker.Configuration;

/// <summary>The keys of <c>server.properties</c> that are understood, with Apache Kafka 4.3's defaults.</summary>
internal static class ServerKeys
{
    private const long Day = 24L * 3600 * 1000;

    public static readonly ConfigKey[] All =
    [
        new("listeners", List, null),
        new("advertised.listeners", List, null),
        new("listener.security.protocol.map", List, "PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL"),
        new("num.partitions", Int, "1", 1),
        new("default.replication.factor", Int, "1", 1),
        new("auto.create.topics.enable", ConfigType.Boolean, "true"),
        new("delete.topic.enable", ConfigType.Boolean, "true"),
        new("message.max.bytes", Int, "1048588", 0),
        new("socket.request.max.bytes", Int, "104857600", 1),
        new("connections.max.idle.ms", Long, "600000"),
        new("connections.max.reauth.ms", Long, "0", 0, int.MaxValue),
        new("connection.failed.authentication.delay.ms", Int, "100", 0),
        new("compression.type", ConfigType.String, "producer", Allowed: ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
        new("log.segment.bytes", Int, "1073741824", 1024 * 1024),
        new("log.roll.ms", Long, null, 1),
        new("log.roll.hours", Int, "168", 1),
        new("log.retention.ms", Long, null, -1),
        new("log.retention.minutes", Int, null, -1),
        new("log.retention.hours", Int, "168", -1),
        new("log.retention.bytes", Long, "-1", -1),
        new("log.retention.check.interval.ms", Long, "300000", 1),
        new("log.cleanup.policy", List, "delete", Allowed: ["delete", "compact"]),
        new("log.index.interval.bytes", Int, "4096", 0),
        new("log.flush.interval.messages", Long, long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture), 1),
        new("log.flush.interval.ms", Long, null, 1),
        new("log.flush.scheduler.interval.ms", Long, long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture), 1),
        new("log.message.timestamp.type", ConfigType.String, "CreateTime", Allowed: ["CreateTime", "LogAppendTime"]),
        new("log.message.timestamp.after.max.ms", Long, "3600000", 0),
        new("log.message.timestamp.before.max.ms", Long, long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture), 0),
        new("broker.session.timeout.ms", Int, "9000", 1),
        new("auto.leader.rebalance.enable", ConfigType.Boolean, "true"),
        new("leader.imbalance.check.interval.seconds", Long, "300", 1, int.MaxValue / 1000),
        new("leader.imbalance.per.broker.percentage", Int, "10", 0),
        new("min.insync.replicas", Int, "1", 1),
        new("offsets.topic.num.partitions", Int, "50", 1),
        new("offsets.topic.replication.factor", Int, "3", 1),
        new("offsets.topic.segment.bytes", Int, "104857600", 1),
        new("offsets.retention.minutes", Int, "10080", 1),
        new("offsets.retention.check.interval.ms", Long, "600000", 1, int.MaxValue),
        new("offset.metadata.max.bytes", Int, "4096"),
        new("group.initial.rebalance.delay.ms", Int, "3000"),
        new("group.min.session.timeout.ms", Int, "6000"),
        new("group.max.session.timeout.ms", Int, "1800000"),
        new("group.max.size", Int, int.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture), 1),
        new("transaction.max.timeout.ms", Int, "900000", 1),
        new("transaction.state.log.num.partitions", Int, "50", 1),
        new("transaction.state.log.replication.factor", Int, "3", 1),
        new("transaction.state.log.min.isr", Int, "2", 1),
        new("transaction.abort.timed.out.transaction.cleanup.interval.ms", Int, "10000", 1),
        new("transaction.remove.expired.transaction.cleanup.interval.ms", Int, "3600000", 1),
        new("producer.id.expiration.ms", Int, "86400000", 1),
        new("producer.id.expiration.check.interval.ms", Int, "600000", 1),
        new("transactional.id.expiration.ms", Int, (7 * Day).ToString(System.Globalization.CultureInfo.InvariantCulture), 1),
        new("max.incremental.fetch.session.cache.slots", Int, "1000", 0),
        new("fetch.max.bytes", Int, "57671680", 1024),
        new("sasl.enabled.mechanisms", List, "PLAIN", Allowed: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]),
        new("plain.sasl.jaas.config", Password, null),
        new("scram-sha-256.sasl.jaas.config", Password, null),
        new("scram-sha-512.sasl.jaas.config", Password, null),
        new("ssl.keystore.type", ConfigType.String, "PEM", Allowed: ["PEM", "PKCS12"]),
        new("ssl.keystore.location", ConfigType.String, null),
        new("ssl.keystore.password", Password, null),
        new("ssl.keystore.certificate.chain", Password, null),
        new("ssl.keystore.key", Password, null),
        new("ssl.key.password", Password, null),
        new("ssl.truststore.type", ConfigType.String, "PEM", Allowed: ["PEM"]),
        new("ssl.truststore.location", ConfigType.String, null),
        new("ssl.truststore.certificates", Password, null),
        new("ssl.client.auth", ConfigType.String, "none", Allowed: ["none", "requested", "required"]),
    ];

    public static readonly IReadOnlyDictionary<string, ConfigKey> ByName = All.ToDictionary(k => k.Name, StringComparer.Ordinal);

    /// <summary>Keys that may also be set for one listener alone, as <c>listener.name.NAME.KEY</c>.</summary>
    public static bool IsPerListener(string key) =>
        key.StartsWith("ssl.", StringComparison.Ordinal) || key.StartsWith("sasl.", StringComparison.Ordinal)
        || key == "connections.max.reauth.ms" || key.EndsWith("sasl.jaas.config", StringComparison.Ordinal);
}
