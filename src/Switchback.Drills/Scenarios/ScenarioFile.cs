using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Switchback.Drills.Scenarios;

/// <summary>Reads a scenario file and checks it as a whole, before anything is started.</summary>
internal sealed class ScenarioFile
{
    private const long LongestFile = 1 << 20;

    private readonly ErrorList errors;
    private readonly string folder;
    private readonly IReadOnlyList<string> extending;

    private ScenarioFile(string path, IReadOnlyList<string> extending)
    {
        errors = new ErrorList(path);
        this.extending = extending;
        folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
    }

    /// <summary>Reads <paramref name="path"/>.</summary>
    /// <param name="checkBar">Says what is wrong with a bar, or null when nothing is.</param>
    /// <exception cref="ScenarioException">With every error of the file.</exception>
    public static Scenario Load(string path, Func<string, string?> checkBar) => Load(path, checkBar, [System.IO.Path.GetFullPath(path)]);

    private static Scenario Load(string path, Func<string, string?> checkBar, IReadOnlyList<string> extending)
    {
        var file = new ScenarioFile(path, extending);
        YamlNode root;
        try
        {
            if (new FileInfo(path).Length > LongestFile)
            {
                throw new ScenarioException([$"{path}: is longer than a scenario can be (1 MiB)"]);
            }

            using var text = File.OpenText(path);
            var stream = new YamlStream();
            stream.Load(text);
            root = stream.Documents.Count == 1
                ? stream.Documents[0].RootNode
                : throw new ScenarioException([$"{path}: holds {stream.Documents.Count} documents, and one would be right"]);
        }
        catch (YamlException error)
        {
            throw new ScenarioException([$"{path}:{error.Start.Line}: is not YAML: {error.Message}"]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ScenarioException([$"{path}: cannot be read: {error.Message}"]);
        }

        var scenario = file.Read(root, path, checkBar);
        return file.errors.Lines.Count == 0 ? scenario : throw new ScenarioException(file.errors.Lines);
    }

    private Scenario Read(YamlNode root, string path, Func<string, string?> checkBar)
    {
        var section = new YamlSection(root, "", errors);
        var extended = ReadExtended(section, checkBar);
        var clusters = Each(section, "clusters", required: true, extended?.Clusters, ReadCluster);
        var topics = Each(section, "topics", required: true, extended?.Topics, (name, body) => ReadTopic(name, body, clusters));
        var links = Each(section, "links", required: false, extended?.Links, (name, body) => ReadLink(name, body, clusters));
        var clients = Each(section, "clients", required: true, extended?.Clients, ReadClient);
        var switches = Each(section, "switches", required: false, extended?.Switches, (name, body) => ReadSwitch(name, body, clusters, clients));
        var scenario = new Scenario
        {
            Name = section.RequiredText("scenario", "the scenario's name"),
            About = section.OptionalText("about") ?? "",
            Path = path,
            Clusters = clusters,
            Topics = topics,
            Links = links,
            Manifests = extended is not null && section.Find("manifests") is null
                ? extended.Manifests
                : [.. section.TextList("manifests", true, "folders or files of manifests").Select(item => Existing(item.Value, item.Node, "manifests"))],
            Clients = clients,
            Switches = switches,
            Load = ReadLoad(section, extended?.Load),
            Phases = ReadPhases(section, new StepReader(errors, new FaultTrack(errors), clusters, switches)),
            Bars = ReadBars(section, checkBar),
        };
        section.Done();
        return scenario;
    }

    /// <summary>The scenario that this one builds on: its parts are taken where this file has none of its own, phases and bars never.</summary>
    private Scenario? ReadExtended(YamlSection section, Func<string, string?> checkBar)
    {
        if (section.OptionalText("extends") is not { } relative)
        {
            return null;
        }

        var node = section.Find("extends")!;
        var path = Existing(relative, node, "extends");
        if (extending.Contains(path))
        {
            errors.Add(node, "extends", $"leads back to `{relative}`; a scenario that does not build on this one would be right");
            return null;
        }

        try
        {
            return File.Exists(path) ? Load(path, checkBar, [.. extending, path]) : null;
        }
        catch (ScenarioException error)
        {
            errors.Add(error.Errors);
            return null;
        }
    }

    private IReadOnlyDictionary<string, T> Each<T>(
        YamlSection parent, string key, bool required, IReadOnlyDictionary<string, T>? extended, Func<string, YamlSection, T> read)
    {
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        if (parent.Find(key) is not { } node)
        {
            if (required && extended is null)
            {
                errors.Add(parent.Node, key, "is missing: a mapping from each name to what it is");
            }

            return extended ?? found;
        }

        var section = new YamlSection(node, key, errors);
        foreach (var (name, at, value) in section.Entries)
        {
            if (name is FaultNames.Mirror or FaultNames.Platform && key == "clusters")
            {
                errors.Add(at, section.At(name), "is what faults call a part that is no cluster; another name would be right");
            }

            var body = new YamlSection(value, section.At(name), errors);
            found[name] = read(name, body);
            body.Done();
        }

        return found;
    }

    private ClusterSpec ReadCluster(string name, YamlSection body) => new(name, body.Integer("brokers", 1, 9, 3), body.Texts("config"));

    private TopicSpec ReadTopic(string name, YamlSection body, IReadOnlyDictionary<string, ClusterSpec> clusters)
    {
        var on = body.TextList("on", true, "the clusters that have this topic");
        foreach (var (cluster, node) in on)
        {
            Refer(cluster, node, body.At("on"), clusters.Keys);
        }

        return new TopicSpec(name, body.Integer("partitions", 1, 1000, 6), [.. on.Select(item => item.Value)]);
    }

    private LinkSpec ReadLink(string name, YamlSection body, IReadOnlyDictionary<string, ClusterSpec> clusters)
    {
        var source = Named(body, "source", "the cluster to copy from", clusters.Keys);
        var target = Named(body, "target", "the cluster to copy to", clusters.Keys);
        var link = new LinkSpec(name, source, target, body.Texts("configs"));
        if (link.Prefix.Length == 0)
        {
            errors.Add(body.Node, body.At($"configs.{LinkSpec.PrefixKey}"), $"is missing: the prefix of the copies, e.g. {source}-");
        }

        if (source == target)
        {
            errors.Add(body.Node, body.At("target"), "is the source itself; another cluster would be right");
        }

        return link;
    }

    private ClientSpec ReadClient(string name, YamlSection body)
    {
        var role = Choice(body, "role", "producer", "consumer");
        var through = Choice(body, "through", "proxy", "direct");
        var client = new ClientSpec(
            name,
            body.RequiredText("namespace", "the namespace of its Deployment"),
            role == "producer",
            through == "proxy",
            body.RequiredText("topic", "the topic it produces to, or the pattern it subscribes to"),
            body.OptionalText("group") ?? "");
        if (role == "consumer" && client.Group.Length == 0)
        {
            errors.Add(body.Node, body.At("group"), "is missing: the consumer's group.id");
        }

        return client;
    }

    private SwitchSpec ReadSwitch(string name, YamlSection body, IReadOnlyDictionary<string, ClusterSpec> clusters, IReadOnlyDictionary<string, ClientSpec> clients)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (body.Find("values") is { } node)
        {
            var section = new YamlSection(node, body.At("values"), errors);
            foreach (var (cluster, _, file) in section.Entries)
            {
                Refer(cluster, file, section.Path, clusters.Keys);
                values[cluster] = Existing(section.OptionalText(cluster) ?? "", file, section.At(cluster));
            }
        }
        else
        {
            errors.Add(body.Node, body.At("values"), "is missing: the manifest of the ConfigMap for each cluster");
        }

        var rolls = body.TextList("rolls", true, "the Deployments that roll");
        foreach (var (client, at) in rolls)
        {
            Refer(client, at, body.At("rolls"), clients.Keys);
        }

        return new SwitchSpec(
            name,
            body.RequiredText("namespace", "the namespace of the ConfigMap"),
            body.RequiredText("configMap", "the ConfigMap to change"),
            values,
            [.. rolls.Select(item => item.Value)]);
    }

    private LoadSpec ReadLoad(YamlSection parent, LoadSpec? extended)
    {
        if (parent.Find("load") is not { } node)
        {
            if (extended is not null)
            {
                return extended;
            }

            errors.Add(parent.Node, "load", "is missing: the requests to each producer, e.g. { rate: 50 }");
            return new LoadSpec(1, "/", false);
        }

        var body = new YamlSection(node, "load", errors);
        var load = new LoadSpec(body.Integer("rate", 1, 100_000, 50), body.OptionalText("path") ?? "/chuck-says", body.Flag("wait"));
        body.Done();
        return load;
    }

    private List<Phase> ReadPhases(YamlSection parent, StepReader reader)
    {
        var phases = new List<Phase>();
        if (parent.Find("phases") is not { } node)
        {
            errors.Add(parent.Node, "phases", "is missing: steady, disaster, failover, failback and settled, each a list of steps");
            return phases;
        }

        var section = new YamlSection(node, "phases", errors);
        string[] names = ["steady", "disaster", "failover", "failback", "settled"];
        foreach (var (name, at, value) in section.Entries)
        {
            if (!names.Contains(name))
            {
                errors.Add(at, section.At(name), $"is not a phase; {string.Join(", ", names)} would be right");
            }

            if (value is not YamlSequenceNode list)
            {
                errors.Add(value, section.At(name), "is not a list; a list of steps would be right");
                continue;
            }

            var steps = list.Select((step, index) => reader.Read(step, $"{section.At(name)}[{index}]")).OfType<Step>().ToList();
            phases.Add(new Phase(name, steps));
        }

        reader.End();
        return phases;
    }

    private List<string> ReadBars(YamlSection parent, Func<string, string?> checkBar)
    {
        var bars = parent.TextList("bars", true, "what the verdict is held to, e.g. `lost = 0`");
        foreach (var (bar, node) in bars)
        {
            if (checkBar(bar) is { } problem)
            {
                errors.Add(node, "bars", problem);
            }
        }

        return [.. bars.Select(bar => bar.Value)];
    }

    private string Named(YamlSection body, string key, string what, IEnumerable<string> names)
    {
        var name = body.RequiredText(key, what);
        if (name.Length > 0)
        {
            Refer(name, body.Find(key)!, body.At(key), names);
        }

        return name;
    }

    private string Choice(YamlSection body, string key, params string[] choices)
    {
        var value = body.RequiredText(key, string.Join(" or ", choices));
        if (value.Length > 0 && !choices.Contains(value))
        {
            errors.Add(body.Find(key)!, body.At(key), $"is `{value}`, and {string.Join(" or ", choices)} would be right");
        }

        return value;
    }

    private void Refer(string name, YamlNode node, string key, IEnumerable<string> names)
    {
        var known = names.ToList();
        if (!known.Contains(name))
        {
            errors.Add(node, key, $"names `{name}`, which is not there; {string.Join(" or ", known)} would be right");
        }
    }

    private string Existing(string relative, YamlNode node, string key)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, relative));
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            errors.Add(node, key, $"names `{relative}`, and there is no such file or folder beside the scenario");
        }

        return path;
    }
}
