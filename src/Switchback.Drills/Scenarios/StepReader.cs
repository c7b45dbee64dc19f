using YamlDotNet.RepresentationModel;

namespace Switchback.Drills.Scenarios;

/// <summary>Reads the steps of a phase. Each is a mapping of one key, the kind of step.</summary>
internal sealed class StepReader(ErrorList errors, FaultTrack track, IReadOnlyDictionary<string, ClusterSpec> clusters, IReadOnlyDictionary<string, SwitchSpec> switches)
{
    private static readonly TimeSpan DefaultWithin = TimeSpan.FromSeconds(60);
    private static readonly string[] Steps = ["load", .. FaultNames.Steps, .. FaultNames.Undoings, "run", "switch", "wait"];

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
            case "cut":
                return ReadCut(new YamlSection(value, at, errors));
            case "run":
                return YamlSection.ParseDuration(value, at, errors) is { } duration ? new RunStep(duration) : null;
            case "switch":
                return ReadSwitch(new YamlSection(value, at, errors));
            case "wait":
                return ReadWait(new YamlSection(value, at, errors));
            default:
                if (FaultNames.KindOf(kind) is { } fault)
                {
                    return ReadFault(fault, value, at);
                }

                if (FaultNames.Undoings.Contains(kind))
                {
                    return ReadUndoing(kind, value, at);
                }

                errors.Add(node, at, $"is not a step; {string.Join(", ", Steps[..^1])} or {Steps[^1]} would be right");
                return null;
        }
    }

    /// <summary>To be called after the last step: says what the steps leave undone.</summary>
    public void End() => track.End(clusters.Keys);

    private FaultStep? ReadFault(FaultKind kind, YamlNode value, string at)
    {
        IEnumerable<string> targets = FaultNames.FitsProcesses(kind) ? [.. clusters.Keys, FaultNames.Mirror, FaultNames.Platform] : clusters.Keys;
        if (Reference(value, at, targets, "target") is not { } target)
        {
            return null;
        }

        track.Inflict(kind, target, value, at);
        return new FaultStep(kind, target);
    }

    private FaultStep? ReadCut(YamlSection section)
    {
        var cluster = section.RequiredText("cluster", "the cluster that is cut off");
        string[] sides = ["clients", FaultNames.Mirror];
        var of = section.TextList("of", false, "whose connections are cut: clients, mirror");
        foreach (var (side, node) in of)
        {
            Known(side, node, section.At("of"), sides, "side");
        }

        var direction = section.Find("direction") is { } way ? Choice(way, section.At("direction"), "both", "requests", "responses") : "both";
        section.Done();
        if (section.Find("cluster") is not { } name || !Known(cluster, name, section.At("cluster"), clusters.Keys, "cluster"))
        {
            return null;
        }

        track.Inflict(FaultKind.Cut, cluster, name, section.At("cluster"));
        return new FaultStep(FaultKind.Cut, cluster, new NetworkCut(
            of.Count == 0 || of.Any(side => side.Value == "clients"),
            of.Count == 0 || of.Any(side => side.Value == FaultNames.Mirror),
            direction switch { "requests" => CutDirection.Requests, "responses" => CutDirection.Responses, _ => CutDirection.Both }));
    }

    private RecoverStep? ReadUndoing(string undoing, YamlNode value, string at)
    {
        IEnumerable<string> targets = undoing is "start" or "thaw" ? [.. clusters.Keys, FaultNames.Mirror, FaultNames.Platform] : clusters.Keys;
        return Reference(value, at, targets, "target") is { } target && track.Undo(undoing, target, value, at) is { } fault ? new RecoverStep(fault, target) : null;
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
