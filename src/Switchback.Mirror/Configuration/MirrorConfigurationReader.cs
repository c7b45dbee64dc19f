using System.Net;
using Switchback.Kafka.Client.Properties;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Switchback.Mirror.Configuration;

/// <summary>Reads a mirror's configuration file and collects every error on the way.</summary>
internal sealed class MirrorConfigurationReader(string file)
{
    private readonly ErrorList _errors = new(file);
    private readonly string _directory = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";

    public MirrorOptions Read()
    {
        var root = ReadRoot();
        var clusters = root is null ? [] : ReadClusters(root);
        var links = root is null ? [] : ReadLinks(root, clusters);
        var listen = root is null ? null : ReadListen(root);
        root?.Done();
        if (_errors.Lines.Count > 0)
            throw new MirrorConfigurationException(_errors.Lines);
        return new MirrorOptions { Clusters = clusters.ToDictionary(c => c.Key, c => c.Value!), Links = links, Listen = listen };
    }

    private YamlSection? ReadRoot()
    {
        try
        {
            var yaml = new YamlStream();
            using var text = new StreamReader(file);
            yaml.Load(text);
            if (yaml.Documents.Count == 1)
                return new YamlSection(yaml.Documents[0].RootNode, "", _errors);
            _errors.AddWhole($"{file}: holds {yaml.Documents.Count} YAML documents; one, with clusters and links, would be right");
        }
        catch (YamlException e)
        {
            _errors.Add(e.Start.Line, "", $"is not YAML: {e.InnerException?.Message ?? e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _errors.AddWhole($"{file}: cannot be read: {e.Message}");
        }

        return null;
    }

    private Dictionary<string, ClusterOptions?> ReadClusters(YamlSection root)
    {
        var clusters = new Dictionary<string, ClusterOptions?>();
        if (root.Find("clusters") is not { } node)
        {
            _errors.Add(root.Node, "clusters", "is missing; a mapping of names to client properties would be right");
            return clusters;
        }

        var section = new YamlSection(node, "clusters", _errors);
        foreach (var (name, _, value) in section.Entries)
            clusters[name] = ReadCluster(name, value);
        return clusters;
    }

    private ClusterOptions? ReadCluster(string name, YamlNode node)
    {
        var section = new YamlSection(node, $"clusters.{name}", _errors);
        try
        {
            if (section.Find("properties") is YamlScalarNode { Value: { Length: > 0 } properties })
            {
                section.Done();
                return new ClusterOptions(name, ClientProperties.Parse(Path.Combine(_directory, properties)));
            }

            var lines = section.Entries.Select(entry => new PropertyLine(entry.Key, YamlSection.TextOf(entry.Value) ?? "", (int)entry.At.Start.Line));
            return new ClusterOptions(name, ClientProperties.Parse(lines, file, _directory));
        }
        catch (ClientPropertiesException e)
        {
            foreach (var error in e.Errors)
                _errors.AddWhole(error);
            return null;
        }
    }

    private List<LinkOptions> ReadLinks(YamlSection root, Dictionary<string, ClusterOptions?> clusters)
    {
        var links = new List<LinkOptions>();
        if (root.Find("links") is not YamlSequenceNode { Children.Count: > 0 } list)
        {
            _errors.Add(root.Find("links") ?? root.Node, "links", "is missing or not a list; - name: .., source: .., target: .. would be right");
            return links;
        }

        for (var i = 0; i < list.Children.Count; i++)
        {
            var link = new LinkReader(_errors, clusters.Keys).Read(new YamlSection(list.Children[i], $"links[{i}]", _errors));
            if (links.Exists(other => other.Name == link.Name))
                _errors.Add(list.Children[i], $"links[{i}].name", $"is {link.Name}, which another link has; a name of its own would be right");
            links.Add(link);
        }

        foreach (var link in links.Where(link => link.Prefix.Length == 0 && links.Exists(other => other.Source == link.Target && other.Target == link.Source)))
            _errors.Add(list, $"links.{link.Name}.configs.cluster.link.prefix", "is missing, and a link leads back: without a prefix copies would be copied back. One for each direction would be right");
        return links;
    }

    private IPEndPoint? ReadListen(YamlSection root)
    {
        if (root.Text("listen") is not { } listen)
            return null;
        if (IPEndPoint.TryParse(listen.Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out var endpoint) && listen.Contains(':'))
            return endpoint;
        _errors.Add(root.Find("listen")!, "listen", $"is {listen}; ADDRESS:PORT, such as 127.0.0.1:9464, would be right");
        return null;
    }
}
