using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Mirror.Links;

/// <summary>The topics of the target: created with the source's partitions and settings, grown with them.</summary>
internal static class MirrorTopics
{
    private const sbyte TopicResource = 2;
    private const sbyte SetOnTheTopic = 1;

    // A mirror topic keeps the source's timestamps, whatever they are; and its batches pass as they come.
    private static readonly Dictionary<string, string> Always = new() { ["message.timestamp.type"] = "CreateTime", ["message.timestamp.after.max.ms"] = "9223372036854775807" };
    private static readonly string[] Followed =
        ["cleanup.policy", "max.message.bytes", "retention.ms", "retention.bytes", "delete.retention.ms", "min.compaction.lag.ms", "max.compaction.lag.ms", "segment.ms", "segment.bytes"];

    /// <summary>Makes sure that each mirror topic is there with at least its source's partitions.</summary>
    public static async Task EnsureAsync(
        ClusterClient source, ClusterClient target, IReadOnlyList<(TopicMetadata Source, string Target)> topics, CancellationToken cancellation)
    {
        var there = target.Metadata.Topics;
        var missing = topics.Where(t => !there.ContainsKey(t.Target)).ToList();
        if (missing.Count > 0)
        {
            var settings = await DescribeAsync(source, [.. missing.Select(t => t.Source.Name)], cancellation).ConfigureAwait(false);
            await target.CreateTopicsAsync(
                [.. missing.Select(t => new NewTopic(t.Target, t.Source.Partitions.Count, -1, settings.GetValueOrDefault(t.Source.Name) ?? Always))], cancellation).ConfigureAwait(false);
        }

        var tooSmall = topics.Where(t => there.TryGetValue(t.Target, out var topic) && topic.Partitions.Count < t.Source.Partitions.Count).ToList();
        if (tooSmall.Count > 0)
            await GrowAsync(target, tooSmall, cancellation).ConfigureAwait(false);
        await target.WaitForLeadersAsync([.. topics.Select(t => t.Target)], cancellation).ConfigureAwait(false);
    }

    private static async Task GrowAsync(ClusterClient target, IReadOnlyList<(TopicMetadata Source, string Target)> topics, CancellationToken cancellation)
    {
        var request = new CreatePartitionsRequest { TimeoutMs = 10_000 };
        request.Topics.AddRange(topics.Select(t => new CreatePartitionsRequest.CreatePartitionsTopic { Name = t.Target, Count = t.Source.Partitions.Count, Assignments = null }));
        var response = await target.SendToControllerAsync(request, r => r.Results.Select(t => t.ErrorCode).FirstOrDefault(e => e.IsRetriable()), cancellation).ConfigureAwait(false);
        if (response.Results.Find(result => result.ErrorCode != KafkaError.None) is { } refused)
            throw new KafkaErrorException(refused.ErrorCode, $"add partitions to {refused.Name}", refused.ErrorMessage);
    }

    /// <summary>The settings that a mirror topic takes from its source: those set on the topic itself.</summary>
    private static async Task<Dictionary<string, IReadOnlyDictionary<string, string>>> DescribeAsync(
        ClusterClient source, IReadOnlyList<string> topics, CancellationToken cancellation)
    {
        var request = new DescribeConfigsRequest();
        request.Resources.AddRange(topics.Select(name => new DescribeConfigsRequest.DescribeConfigsResource
        {
            ResourceType = TopicResource,
            ResourceName = name,
            ConfigurationKeys = [.. Followed],
        }));
        var response = await source.SendToAnyAsync(request, cancellation).ConfigureAwait(false);
        var settings = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var topic in response.Results.Where(result => result.ErrorCode == KafkaError.None))
        {
            var values = new Dictionary<string, string>(Always);
            foreach (var setting in topic.Configs.Where(c => c.ConfigSource == SetOnTheTopic && c.Value is not null))
                values[setting.Name] = setting.Value!;
            settings[topic.ResourceName] = values;
        }

        return settings;
    }
}
