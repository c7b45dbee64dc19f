namespace ChuckClient;

/// <summary>The values a property takes.</summary>
internal enum PropertyForm
{
    /// <summary>Any text that is not empty.</summary>
    Text,

    /// <summary>A whole number from 0.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>One of a list of words; upper and lower case are the same.</summary>
    Word,
}

/// <summary>One property that passes to librdkafka: under which names, and which values it takes.</summary>
internal sealed record PassedProperty(PropertyForm Form, string[] Names, string[]? Words = null, string? Role = null);

/// <summary>
/// How the keys of a Java client map to librdkafka's. What needs more than a new name (credentials, trust stores, acks) is done in
/// <see cref="ClientProperties"/>; what is Java's alone is <see cref="Ignored"/>.
/// </summary>
internal static class PropertyTable
{
    public static readonly IReadOnlyDictionary<string, PassedProperty> Passed = new Dictionary<string, PassedProperty>(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = Text(),
        ["client.id"] = Text(),
        ["client.rack"] = Text(),
        ["client.dns.lookup"] = Word("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"),
        ["security.protocol"] = Word("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
        ["sasl.username"] = Text(),
        ["sasl.password"] = Text(),
        ["ssl.ca.location"] = Text(),
        ["ssl.cipher.suites"] = Text(),
        ["debug"] = Text(),
        ["reconnect.backoff.ms"] = Number(),
        ["reconnect.backoff.max.ms"] = Number(),
        ["retry.backoff.ms"] = Number(),
        ["connections.max.idle.ms"] = Number(),
        ["socket.connection.setup.timeout.ms"] = Number(),
        ["metadata.max.age.ms"] = Number("topic.metadata.refresh.interval.ms", "metadata.max.age.ms"),
        ["topic.metadata.refresh.interval.ms"] = Number(),
        ["send.buffer.bytes"] = Number("socket.send.buffer.bytes"),
        ["receive.buffer.bytes"] = Number("socket.receive.buffer.bytes"),

        ["enable.idempotence"] = Flag() with { Role = "producer" },
        ["linger.ms"] = Number() with { Role = "producer" },
        ["delivery.timeout.ms"] = Number() with { Role = "producer" },
        ["batch.size"] = Number() with { Role = "producer" },
        ["retries"] = Number() with { Role = "producer" },
        ["max.in.flight.requests.per.connection"] = Number() with { Role = "producer" },
        ["max.request.size"] = Number("message.max.bytes") with { Role = "producer" },
        ["compression.type"] = Word("none", "gzip", "snappy", "lz4", "zstd") with { Role = "producer" },

        ["group.id"] = Text() with { Role = "consumer" },
        ["group.instance.id"] = Text() with { Role = "consumer" },
        ["session.timeout.ms"] = Number() with { Role = "consumer" },
        ["heartbeat.interval.ms"] = Number() with { Role = "consumer" },
        ["max.poll.interval.ms"] = Number() with { Role = "consumer" },
        ["auto.offset.reset"] = Word("earliest", "latest", "none") with { Role = "consumer" },
        ["enable.auto.commit"] = Flag() with { Role = "consumer" },
        ["auto.commit.interval.ms"] = Number() with { Role = "consumer" },
        ["isolation.level"] = Word("read_committed", "read_uncommitted") with { Role = "consumer" },
        ["allow.auto.create.topics"] = Flag() with { Role = "consumer" },
        ["check.crcs"] = Flag() with { Role = "consumer" },
        ["fetch.min.bytes"] = Number() with { Role = "consumer" },
        ["fetch.max.bytes"] = Number() with { Role = "consumer" },
        ["max.partition.fetch.bytes"] = Number() with { Role = "consumer" },
        ["fetch.max.wait.ms"] = Number("fetch.wait.max.ms") with { Role = "consumer" },
    };

    /// <summary>Known, and without an equivalent that matters here: named once on stderr and left alone.</summary>
    public static readonly IReadOnlySet<string> Ignored = new HashSet<string>(StringComparer.Ordinal)
    {
        "key.serializer", "value.serializer", "key.deserializer", "value.deserializer",
        "auto.include.jmx.reporter", "metric.reporters", "metrics.num.samples", "metrics.recording.level", "metrics.sample.window.ms",
        "enable.metrics.push", "interceptor.classes", "security.providers",
        "ssl.context.provider.class", "ssl.enabled.protocols", "ssl.engine.factory.class", "ssl.keymanager.algorithm", "ssl.protocol", "ssl.provider",
        "ssl.secure.random.implementation", "ssl.trustmanager.algorithm",
        "sasl.client.callback.handler.class", "sasl.login.callback.handler.class", "sasl.login.class", "sasl.login.connect.timeout.ms",
        "sasl.login.read.timeout.ms", "sasl.login.refresh.buffer.seconds", "sasl.login.refresh.min.period.seconds",
        "sasl.login.refresh.window.factor", "sasl.login.refresh.window.jitter", "sasl.login.retry.backoff.max.ms", "sasl.login.retry.backoff.ms",
        "socket.connection.setup.timeout.max.ms", "default.api.timeout.ms", "retry.backoff.max.ms", "metadata.max.idle.ms",
        "metadata.recovery.strategy", "metadata.recovery.rebootstrap.trigger.ms",
        "buffer.memory", "max.block.ms", "partitioner.class", "partitioner.ignore.keys", "partitioner.availability.timeout.ms",
        "partitioner.adaptive.partitioning.enable", "compression.gzip.level", "compression.lz4.level", "compression.zstd.level",
        "exclude.internal.topics", "partition.assignment.strategy",
        "schema.registry.url", "basic.auth.credentials.source", "basic.auth.user.info", "specific.avro.reader", "auto.register.schemas",
        "json.value.type", "json.fail.unknown.properties",
    };

    private static PassedProperty Text(params string[] names) => new(PropertyForm.Text, names);

    private static PassedProperty Number(params string[] names) => new(PropertyForm.Number, names);

    private static PassedProperty Flag() => new(PropertyForm.Flag, []);

    private static PassedProperty Word(params string[] words) => new(PropertyForm.Word, [], words);
}
