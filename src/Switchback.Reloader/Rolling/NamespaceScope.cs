using Switchback.Reloader.Options;

namespace Switchback.Reloader.Rolling;

/// <summary>Which namespaces are looked after. Not safe for use by several threads at once.</summary>
internal sealed class NamespaceScope(ReloaderOptions options)
{
    private readonly HashSet<string> ignored = [.. options.NamespacesToIgnore];
    private readonly HashSet<string> selected = [];

    /// <summary>Whether the namespaces' labels decide.</summary>
    public bool HasSelector => options.NamespaceSelector is not null;

    /// <summary>What is watched: each namespace by itself, or everything at once (null).</summary>
    public IReadOnlyList<string?> Watched => options.Namespaces.Count == 0 ? [null] : [.. options.Namespaces];

    public bool Includes(string ns) => !ignored.Contains(ns) && (!HasSelector || selected.Contains(ns));

    public void Select(string ns) => selected.Add(ns);

    public void Deselect(string ns) => selected.Remove(ns);
}
