using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Switchback.Mirror.Configuration;

/// <summary>Reads one link of the configuration.</summary>
internal sealed partial class LinkReader(ErrorList errors, IReadOnlyCollection<string> clusters)
{
    public LinkOptions Read(YamlSection section)
    {
        var node = section.Find("configs");
        var configs = node is null ? null : new YamlSection(node, section.At("configs"), errors);
        var link = new LinkOptions
        {
            Name = ReadName(section, "name", "a name such as north-west-clink"),
            Source = ReadCluster(section, "source"),
            Target = ReadCluster(section, "target"),
            Topics = ReadNames(section, "topics"),
            Prefix = configs?.Text("cluster.link.prefix") ?? "",
            AutoCreate = configs?.Flag("auto.create.mirror.topics.enable", true) ?? true,
            TopicFilter = configs is null ? NameFilter.All : ReadFilter(configs, "auto.create.mirror.topics.filters", "topicFilters"),
            SyncGroups = configs?.Flag("consumer.offset.sync.enable", false) ?? false,
            GroupInterval = configs?.Milliseconds("consumer.offset.sync.ms", 10, TimeSpan.FromMilliseconds(100)) ?? TimeSpan.FromMilliseconds(100),
            GroupFilter = configs is null ? NameFilter.All : ReadFilter(configs, "consumer.offset.group.filters", "groupFilters"),
            TopicConfigInterval = configs?.Milliseconds("topic.config.sync.ms", 1000, TimeSpan.FromSeconds(5)) ?? TimeSpan.FromSeconds(5),
        };
        if (link.Prefix.Length > 0 && !TopicName().IsMatch(link.Prefix))
            errors.Add(configs!.Find("cluster.link.prefix")!, configs.At("cluster.link.prefix"), $"is {link.Prefix}; letters, digits, '.', '_' and '-' would be right");
        if (link.Source.Length > 0 && link.Source == link.Target)
            errors.Add(section.Node, section.At("target"), $"is {link.Target}, which is the source too; another cluster would be right");
        section.Done();
        configs?.Done();
        return link;
    }

    private string ReadName(YamlSection section, string key, string right)
    {
        var name = section.RequiredText(key, right);
        if (name.Length > 0 && (!TopicName().IsMatch(name) || name.Length > 200))
            errors.Add(section.Find(key)!, section.At(key), $"is {name}; at most 200 letters, digits, '.', '_' and '-' would be right");
        return name;
    }

    private string ReadCluster(YamlSection section, string key)
    {
        var known = clusters.Count == 0 ? "a cluster's name" : string.Join(" or ", clusters.Order());
        var name = section.RequiredText(key, known);
        if (name.Length > 0 && !clusters.Contains(name))
            errors.Add(section.Find(key)!, section.At(key), $"is {name}, and no cluster has that name; {known} would be right");
        return name;
    }

    private List<string> ReadNames(YamlSection section, string key)
    {
        switch (section.Find(key))
        {
            case null:
                return [];
            case YamlSequenceNode list when list.All(item => YamlSection.TextOf(item) is { Length: > 0 }):
                return [.. list.Select(item => YamlSection.TextOf(item)!)];
            case var other:
                errors.Add(other, section.At(key), "is not a list of names");
                return [];
        }
    }

    private NameFilter ReadFilter(YamlSection section, string key, string listName)
    {
        var node = section.Find(key);
        if (node is null)
            return NameFilter.All;
        if (node is YamlSequenceNode)
            return NameFilter.Of(ReadNames(section, key));
        try
        {
            return NameFilter.ParseJson(YamlSection.TextOf(node) ?? "", listName);
        }
        catch (FormatException e)
        {
            errors.Add(node, section.At(key), e.Message);
            return NameFilter.All;
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9._-]+$")]
    private static partial Regex TopicName();
}
