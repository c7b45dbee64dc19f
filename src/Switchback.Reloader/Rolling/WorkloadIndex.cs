using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Rolling;

/// <summary>
/// Every workload that something can roll, found by its key and by what it mentions: the resources its containers use or its annotations name. Those that name by
/// pattern are asked one by one. Not safe for use by several threads at once.
/// </summary>
internal sealed class WorkloadIndex
{
    private readonly Dictionary<string, OfNamespace> namespaces = [];

    public IEnumerable<TrackedWorkload> All => namespaces.Values.SelectMany(found => found.Workloads.Values);

    public IEnumerable<TrackedWorkload> InNamespace(string ns) => namespaces.TryGetValue(ns, out var found) ? found.Workloads.Values : [];

    public TrackedWorkload? Find(WorkloadKey key) => namespaces.GetValueOrDefault(key.Namespace)?.Workloads.GetValueOrDefault(key);

    /// <summary>The workloads of a namespace whose evaluation a change of the resource can alter.</summary>
    public IReadOnlyList<TrackedWorkload> Mentioning(string ns, ResourceRef resource)
    {
        if (!namespaces.TryGetValue(ns, out var found))
        {
            return [];
        }

        var mentioning = found.ByPattern.Where(key => found.Workloads[key].View.Rules.IsNamed(resource)).ToHashSet();
        mentioning.UnionWith(found.ByResource.GetValueOrDefault(resource) ?? []);
        return [.. mentioning.Select(key => found.Workloads[key])];
    }

    /// <summary>Takes note of a workload, new or in a new version.</summary>
    public void Set(TrackedWorkload workload, WorkloadView view)
    {
        Remove(view.Key);
        workload.View = view;
        if (!namespaces.TryGetValue(view.Key.Namespace, out var found))
        {
            namespaces[view.Key.Namespace] = found = new OfNamespace([], [], []);
        }

        found.Workloads[view.Key] = workload;
        foreach (var resource in Mentioned(view))
        {
            if (!found.ByResource.TryGetValue(resource, out var keys))
            {
                found.ByResource[resource] = keys = [];
            }

            keys.Add(view.Key);
        }

        if (NamesByPattern(view))
        {
            found.ByPattern.Add(view.Key);
        }
    }

    public void Remove(WorkloadKey key)
    {
        if (!namespaces.TryGetValue(key.Namespace, out var found) || !found.Workloads.Remove(key, out var removed))
        {
            return;
        }

        foreach (var resource in Mentioned(removed.View))
        {
            if (found.ByResource.TryGetValue(resource, out var keys) && keys.Remove(key) && keys.Count == 0)
            {
                found.ByResource.Remove(resource);
            }
        }

        found.ByPattern.Remove(key);
        if (found.Workloads.Count == 0)
        {
            namespaces.Remove(key.Namespace);
        }
    }

    private static IEnumerable<ResourceRef> Mentioned(WorkloadView view) => view.References.All.Union(view.Rules.LiteralNames);

    private static bool NamesByPattern(WorkloadView view) => ResourceKinds.All.Any(view.Rules.HasPatterns);

    private sealed record OfNamespace(
        Dictionary<WorkloadKey, TrackedWorkload> Workloads, Dictionary<ResourceRef, HashSet<WorkloadKey>> ByResource, HashSet<WorkloadKey> ByPattern);
}
