using YamlDotNet.RepresentationModel;

namespace Switchback.Drills.Scenarios;

/// <summary>What is wrong with each part at each step, in the order of the file: only a part that is well can get a fault, and only its own fault can be undone.</summary>
internal sealed class FaultTrack(ErrorList errors)
{
    private readonly Dictionary<string, (FaultKind Kind, YamlNode Node, string Path)> _faulty = new(StringComparer.Ordinal);

    public void Inflict(FaultKind kind, string target, YamlNode node, string path)
    {
        if (!_faulty.TryAdd(target, (kind, node, path)))
        {
            var state = _faulty[target].Kind;
            errors.Add(node, path, $"names `{target}`, which is {FaultNames.State(state)} by then; `{FaultNames.Undoing(state)}: {target}` before it would be right");
        }
    }

    /// <summary>The fault that a step undoes; null, and an error, where there is none of that kind.</summary>
    public FaultKind? Undo(string undoing, string target, YamlNode node, string path)
    {
        if (!_faulty.TryGetValue(target, out var fault))
        {
            errors.Add(node, path, $"names `{target}`, which is well by then; a fault before it would be right");
            return null;
        }

        if (FaultNames.Undoing(fault.Kind) != undoing)
        {
            errors.Add(node, path, $"names `{target}`, which is {FaultNames.State(fault.Kind)} by then; `{FaultNames.Undoing(fault.Kind)}: {target}` would be right");
            return null;
        }

        _faulty.Remove(target);
        return fault.Kind;
    }

    /// <summary>Every cluster must be there to be read in the end, or be known to hold nothing.</summary>
    public void End(IEnumerable<string> clusters)
    {
        foreach (var cluster in clusters)
        {
            if (_faulty.TryGetValue(cluster, out var fault) && fault.Kind is not (FaultKind.Destroyed or FaultKind.DiskFull))
            {
                errors.Add(fault.Node, fault.Path, $"leaves {cluster} {FaultNames.State(fault.Kind)} to the end, where it has to be read; `{FaultNames.Undoing(fault.Kind)}: {cluster}` after it would be right");
            }
        }
    }
}
