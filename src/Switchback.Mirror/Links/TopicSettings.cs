using System.Globalization;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Mirror.Links;

/// <summary>The settings that a mirror topic takes from its source: of those that are followed, the ones set on the topic itself.</summary>
internal static class TopicSettings
{
    private const sbyte TopicResource = 2;
    private const sbyte SetOnTheTopic = 1;
    private const sbyte Set = 0;
    private const sbyte Delete = 1;

    private static readonly string[] Followed =
        ["cleanup.policy", "max.message.bytes", "retention.ms", "retention.bytes", "delete.retention.ms", "min.compaction.lag.ms", "max.compaction.lag.ms", "segment.ms", "segment.bytes"];

    /// <summary>By topic, what is set on it.</summary>
    public static async Task<Dictionary<string, Dictionary<string, string>>> DescribeAsync(ClusterClient cluster, IEnumerable<string> topics, CancellationToken cancellation)
    {
        var request = new DescribeConfigsRequest();
        request.Resources.AddRange(topics.Select(name => new DescribeConfigsRequest.DescribeConfigsResource
        {
            ResourceType = TopicResource,
            ResourceName = name,
            ConfigurationKeys = [.. Followed],
        }));
        var response = await cluster.SendToAnyAsync(request, cancellation).ConfigureAwait(false);
        return response.Results.Where(topic => topic.ErrorCode == KafkaError.None).ToDictionary(
            topic => topic.ResourceName,
            topic => topic.Configs.Where(c => c.ConfigSource == SetOnTheTopic && c.Value is not null).ToDictionary(c => c.Name, c => c.Value!));
    }

    /// <summary>Sets on each copy what its source has, and takes back what its source no longer has.</summary>
    /// <exception cref="KafkaErrorException">The target refuses.</exception>
    public static async Task FollowAsync(ClusterClient source, ClusterClient target, IReadOnlyDictionary<string, string> copies, CancellationToken cancellation)
    {
        if (copies.Count == 0)
            return;
        var wanted = await DescribeAsync(source, copies.Keys, cancellation).ConfigureAwait(false);
        var there = await DescribeAsync(target, copies.Values, cancellation).ConfigureAwait(false);
        var request = new IncrementalAlterConfigsRequest();
        foreach (var (original, copy) in copies)
        {
            if (!wanted.TryGetValue(original, out var want) || !there.TryGetValue(copy, out var have))
                continue;
            var changes = want.Where(setting => have.GetValueOrDefault(setting.Key) != setting.Value).Select(setting => Change(setting.Key, Set, setting.Value))
                .Concat(have.Keys.Except(want.Keys).Select(name => Change(name, Delete, null))).ToList();
            if (changes.Count > 0)
                request.Resources.Add(new IncrementalAlterConfigsRequest.AlterConfigsResource { ResourceType = TopicResource, ResourceName = copy, Configs = changes });
        }

        if (request.Resources.Count == 0)
            return;
        var response = await target.SendToControllerAsync(request, r => r.Responses.Select(t => t.ErrorCode).FirstOrDefault(e => e.IsRetriable()), cancellation).ConfigureAwait(false);
        if (response.Responses.Find(result => result.ErrorCode != KafkaError.None) is { } refused)
            throw new KafkaErrorException(refused.ErrorCode, $"change the settings of {refused.ResourceName}", refused.ErrorMessage);
    }

    /// <summary>By topic, the most bytes that a batch may have, wherever that is set.</summary>
    public static async Task<Dictionary<string, int>> LargestBatchesAsync(ClusterClient cluster, IEnumerable<string> topics, CancellationToken cancellation)
    {
        const string setting = "max.message.bytes";
        var request = new DescribeConfigsRequest();
        request.Resources.AddRange(topics.Select(name => new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = TopicResource, ResourceName = name, ConfigurationKeys = [setting] }));
        if (request.Resources.Count == 0)
            return [];
        var response = await cluster.SendToAnyAsync(request, cancellation).ConfigureAwait(false);
        return response.Results.Where(topic => topic.ErrorCode == KafkaError.None).ToDictionary(
            topic => topic.ResourceName,
            topic => int.TryParse(topic.Configs.Find(c => c.Name == setting)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0);
    }

    private static IncrementalAlterConfigsRequest.AlterableConfig Change(string name, sbyte operation, string? value) =>
        new() { Name = name, ConfigOperation = operation, Value = value };
}
