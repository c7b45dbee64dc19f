using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Mirror.Links;

/// <summary>The topics of the target: created with the source's partitions and settings, grown with them.</summary>
internal static class MirrorTopics
{
    // A mirror topic keeps the source's timestamps, whatever they are; and its batches pass as they come.
    private static readonly Dictionary<string, string> Always = new() { ["message.timestamp.type"] = "CreateTime", ["message.timestamp.after.max.ms"] = "9223372036854775807" };

    /// <summary>Makes sure that each mirror topic is there with at least its source's partitions; answers those that the target does not let grow, with its reason.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> EnsureAsync(
        ClusterClient source, ClusterClient target, IReadOnlyList<(TopicMetadata Source, string Target)> topics, CancellationToken cancellation)
    {
        var there = target.Metadata.Topics;
        var missing = topics.Where(t => !there.ContainsKey(t.Target)).ToList();
        if (missing.Count > 0)
        {
            var settings = await TopicSettings.DescribeAsync(source, missing.Select(t => t.Source.Name), cancellation).ConfigureAwait(false);
            await target.CreateTopicsAsync(
                [.. missing.Select(t => new NewTopic(t.Target, t.Source.Partitions.Count, -1, With(settings.GetValueOrDefault(t.Source.Name))))], cancellation).ConfigureAwait(false);
        }

        var tooSmall = topics.Where(t => there.TryGetValue(t.Target, out var topic) && topic.Partitions.Count < t.Source.Partitions.Count).ToList();
        IReadOnlyDictionary<string, string> refused = tooSmall.Count > 0 ? await GrowAsync(target, tooSmall, cancellation).ConfigureAwait(false) : new Dictionary<string, string>();
        await target.WaitForLeadersAsync([.. topics.Select(t => t.Target)], cancellation).ConfigureAwait(false);
        return refused;
    }

    private static Dictionary<string, string> With(Dictionary<string, string>? settings) =>
        Always.Concat(settings ?? []).ToDictionary(setting => setting.Key, setting => setting.Value);

    private static async Task<Dictionary<string, string>> GrowAsync(ClusterClient target, IReadOnlyList<(TopicMetadata Source, string Target)> topics, CancellationToken cancellation)
    {
        var request = new CreatePartitionsRequest { TimeoutMs = 10_000 };
        request.Topics.AddRange(topics.Select(t => new CreatePartitionsRequest.CreatePartitionsTopic { Name = t.Target, Count = t.Source.Partitions.Count, Assignments = null }));
        var response = await target.SendToControllerAsync(request, r => r.Results.Select(t => t.ErrorCode).FirstOrDefault(e => e.IsRetriable()), cancellation).ConfigureAwait(false);
        return response.Results.Where(result => result.ErrorCode != KafkaError.None)
            .ToDictionary(result => result.Name, result => new KafkaErrorException(result.ErrorCode, $"add partitions to {result.Name}", result.ErrorMessage).Message);
    }
}
