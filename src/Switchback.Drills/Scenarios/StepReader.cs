using YamlDotNet.RepresentationModel;

namespace Switchback.Drills.Scenarios;

/// <summary>Reads the steps of a phase. Each is a mapping of one key, the kind of step.</summary>
internal sealed class StepReader(ErrorList errors, IReadOnlyDictionary<string, ClusterSpec> clusters, IReadOnlyDictionary<string, SwitchSpec> switches)
{
    private static readonly TimeSpan DefaultWithin = TimeSpan.FromSeconds(60);

    public Step? Read(YamlNode node, string path)
    {
        if (node is not YamlMappingNode { Children.Count: 1 } mapping || mapping.Children[0].Key is not YamlScalarNode { Value: { } kind })
        {
            errors.Add(node, path, "is not a step; a mapping of one key would be right, e.g. `- crash: north`");
            return null;
        }

        var value = mapping.Children[0].Value;
        var at = $"{path}.{kind}";
        switch (kind)
        {
            case "load":
                return Choice(value, at, "start", "stop") is { } choice ? new LoadStep(choice == "start") : null;
            case "crash":
                return Reference(value, at, clusters.Keys, "cluster") is { } crashed ? new CrashStep(crashed) : null;
            case "start":
                return Reference(value, at, clusters.Keys, "cluster") is { } started ? new StartStep(started) : null;
            case "run":
                return YamlSection.ParseDuration(value, at, errors) is { } duration ? new RunStep(duration) : null;
            case "switch":
                return ReadSwitch(new YamlSection(value, at, errors));
            case "wait":
                return ReadWait(new YamlSection(value, at, errors));
            default:
                errors.Add(node, at, "is not a step; load, crash, start, run, switch or wait would be right");
                return null;
        }
    }

    private SwitchStep ReadSwitch(YamlSection section)
    {
        var names = section.TextList("clients", true, $"the kinds of client to switch, of {string.Join(", ", switches.Keys)}");
        foreach (var (name, node) in names)
        {
            Known(name, node, section.At("clients"), switches.Keys, "switch");
        }

        var to = section.RequiredText("to", "the cluster to go to");
        if (section.Find("to") is { } target && to.Length > 0)
        {
            Known(to, target, section.At("to"), clusters.Keys, "cluster");
            foreach (var (name, node) in names)
            {
                if (switches.TryGetValue(name, out var known) && !known.Values.ContainsKey(to))
                {
                    errors.Add(node, section.At("clients"), $"names `{name}`, which has no values for `{to}`; a manifest under switches.{name}.values.{to} would be right");
                }
            }
        }

        section.Done();
        return new SwitchStep([.. names.Select(name => name.Value)], to);
    }

    private WaitStep? ReadWait(YamlSection section)
    {
        WaitStep? step = null;
        var within = section.Duration("within", DefaultWithin);
        var found = 0;
        if (section.Find("records") is not null)
        {
            found++;
            step = new WaitStep(WaitCondition.Records, section.Integer("records", 1, 1_000_000, 1), within);
        }

        foreach (var (key, only, condition) in new[] { ("rollouts", "complete", WaitCondition.Rollouts), ("mirrors", "caught-up", WaitCondition.Mirrors), ("consumers", "quiet", WaitCondition.Consumers) })
        {
            if (section.Find(key) is { } node)
            {
                found++;
                Choice(node, section.At(key), only);
                step = new WaitStep(condition, 0, within);
            }
        }

        section.Done();
        if (found != 1)
        {
            errors.Add(section.Node, section.Path, "waits for one condition: records: N, rollouts: complete, mirrors: caught-up or consumers: quiet would be right");
        }

        return step;
    }

    private string? Choice(YamlNode node, string path, params string[] choices)
    {
        if (node is YamlScalarNode { Value: { } value } && choices.Contains(value))
        {
            return value;
        }

        errors.Add(node, path, $"is {YamlSection.Shown(node)}, and {string.Join(" or ", choices)} would be right");
        return null;
    }

    private string? Reference(YamlNode node, string path, IEnumerable<string> names, string what)
    {
        var name = (node as YamlScalarNode)?.Value ?? "";
        return Known(name, node, path, names, what) ? name : null;
    }

    private bool Known(string name, YamlNode node, string path, IEnumerable<string> names, string what)
    {
        var known = names.ToList();
        if (known.Contains(name))
        {
            return true;
        }

        errors.Add(node, path, $"names the {what} {YamlSection.Shown(node)}, which is not there; {string.Join(" or ", known)} would be right");
        return false;
    }
}
