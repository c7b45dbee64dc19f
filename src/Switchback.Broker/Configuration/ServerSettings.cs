using System.Globalization;
using Switchback.Broker.Storage;

namespace Switchback.Broker.Configuration;

/// <summary>The whole configuration of a cluster, checked.</summary>
internal sealed class ServerSettings(IReadOnlyDictionary<string, string> values, IReadOnlyList<ListenerSettings> listeners)
{
    public IReadOnlyList<ListenerSettings> Listeners { get; } = listeners;

    /// <summary>What was set by name, for DescribeConfigs.</summary>
    public IReadOnlyDictionary<string, string> Values { get; } = values;

    public bool AutoCreateTopics => this["auto.create.topics.enable"] == "true";

    public int DefaultPartitions => Int("num.partitions");

    public int DefaultReplicationFactor => Int("default.replication.factor");

    public int MaxRequestBytes { get; } = Number(values, "socket.request.max.bytes");

    /// <summary>How long a connection may be idle; null for ever, which a negative number means.</summary>
    public TimeSpan? LongestIdle { get; } = LongestIdleOf(values);

    public TimeSpan FailedAuthenticationDelay => TimeSpan.FromMilliseconds(Int("connection.failed.authentication.delay.ms"));

    public TimeSpan RetentionCheckInterval => TimeSpan.FromMilliseconds(Long("log.retention.check.interval.ms"));

    /// <summary>How often logs are looked at that are to be forced to disk by time; null when that is never done.</summary>
    public TimeSpan? FlushCheckInterval => Long("log.flush.scheduler.interval.ms") is var interval and <= int.MaxValue ? TimeSpan.FromMilliseconds(interval) : null;

    /// <summary>How often leaders are balanced; null when they never are.</summary>
    public TimeSpan? LeaderCheckInterval =>
        this["auto.leader.rebalance.enable"] == "true" ? TimeSpan.FromSeconds(Long("leader.imbalance.check.interval.seconds")) : null;

    public TimeSpan InitialRebalanceDelay => TimeSpan.FromMilliseconds(Math.Max(0, Int("group.initial.rebalance.delay.ms")));

    /// <summary>The value of a key as it is written, or its default.</summary>
    public string? this[string key] => Values.GetValueOrDefault(key) ?? ServerKeys.ByName[key].Default;

    public int Int(string key) => Number(Values, key);

    public long Long(string key) => long.Parse(this[key]!, CultureInfo.InvariantCulture);

    /// <summary>The cluster's defaults for a topic's configuration, in the topic's own words.</summary>
    public string? TopicDefault(string topicKey) => topicKey switch
    {
        "retention.ms" => RetentionMs().ToString(CultureInfo.InvariantCulture),
        "segment.ms" => Values.GetValueOrDefault("log.roll.ms") ?? (Int("log.roll.hours") * 3600_000L).ToString(CultureInfo.InvariantCulture),
        "flush.ms" => this["log.flush.interval.ms"] ?? this["log.flush.scheduler.interval.ms"],
        _ => TopicKeys.ServerKeyOf(topicKey) is { } key ? this[key] : null,
    };

    private static int Number(IReadOnlyDictionary<string, string> values, string key) =>
        int.Parse(values.GetValueOrDefault(key) ?? ServerKeys.ByName[key].Default!, CultureInfo.InvariantCulture);

    private static TimeSpan? LongestIdleOf(IReadOnlyDictionary<string, string> values)
    {
        const string Key = "connections.max.idle.ms";
        var milliseconds = long.Parse(values.GetValueOrDefault(Key) ?? ServerKeys.ByName[Key].Default!, CultureInfo.InvariantCulture);
        return milliseconds < 0 ? null : TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue));
    }

    private long RetentionMs()
    {
        if (Values.TryGetValue("log.retention.ms", out var milliseconds))
            return long.Parse(milliseconds, CultureInfo.InvariantCulture);
        if (Values.TryGetValue("log.retention.minutes", out var minutes))
            return Scale(long.Parse(minutes, CultureInfo.InvariantCulture), 60_000);
        return Scale(Int("log.retention.hours"), 3600_000);
    }

    private static long Scale(long value, long factor) => value < 0 ? -1 : value * factor;

    /// <summary>What the log of a topic follows, given the topic's own configuration.</summary>
    public LogSettings LogSettings(IReadOnlyDictionary<string, string> topic)
    {
        long Of(string key) => long.Parse(topic.GetValueOrDefault(key) ?? TopicDefault(key) ?? TopicKeys.ByName[key].Default!, CultureInfo.InvariantCulture);
        string Text(string key) => topic.GetValueOrDefault(key) ?? TopicDefault(key) ?? TopicKeys.ByName[key].Default!;
        return new LogSettings(
            (int)Of("segment.bytes"),
            Of("segment.ms"),
            Of("retention.ms"),
            Of("retention.bytes"),
            (int)Of("max.message.bytes"),
            (int)Of("index.interval.bytes"),
            Text("message.timestamp.type") == "LogAppendTime",
            Of("flush.messages"),
            Of("message.timestamp.after.max.ms"),
            Of("message.timestamp.before.max.ms"),
            Text("cleanup.policy").Contains("delete", StringComparison.Ordinal),
            Of("flush.ms"));
    }
}
