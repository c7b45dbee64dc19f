using Switchback.Kafka.Client;
using Switchback.Mirror.Configuration;

namespace Switchback.Mirror.Links;

/// <summary>Which topics of the source a link copies.</summary>
internal sealed class TopicSelection(LinkOptions link, IReadOnlyList<LinkOptions> all)
{
    /// <summary>What mirror topics on this link's source begin with: a copy is never copied back.</summary>
    private readonly string[] _copies = [.. all.Where(other => other.Target == link.Source && other.Prefix.Length > 0).Select(other => other.Prefix)];

    public bool Takes(TopicMetadata topic) =>
        !topic.IsInternal
        && !topic.Name.StartsWith("__", StringComparison.Ordinal)
        && !topic.Name.StartsWith(LinkOptions.OwnTopics, StringComparison.Ordinal)
        && !Array.Exists(_copies, prefix => topic.Name.StartsWith(prefix, StringComparison.Ordinal))
        && (link.Topics.Count == 0 ? link.AutoCreate && link.TopicFilter.Takes(topic.Name) : link.Topics.Contains(topic.Name) || (link.AutoCreate && !link.TopicFilter.IsEmpty && link.TopicFilter.Takes(topic.Name)));

    public string TargetName(string topic) => link.Prefix + topic;
}
