using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Rolling;

/// <summary>Every ConfigMap and Secret there is, as its hash and traits. Not safe for use by several threads at once.</summary>
internal sealed class ResourceIndex(AnnotationKeys keys, TimeProvider time) : IResourceView
{
    private readonly Dictionary<string, Dictionary<ResourceRef, ResourceState>> namespaces = [];
    private readonly HashSet<(ResourceKind Kind, string Namespace)> synchronized = [];

    public bool Knows(ResourceKind kind, string ns) => synchronized.Contains((kind, ns)) || synchronized.Contains((kind, ""));

    public ResourceState? Find(string ns, ResourceRef resource) => namespaces.GetValueOrDefault(ns)?.GetValueOrDefault(resource);

    public IEnumerable<string> Names(string ns, ResourceKind kind) =>
        namespaces.GetValueOrDefault(ns)?.Keys.Where(resource => resource.Kind == kind).Select(resource => resource.Name) ?? [];

    /// <summary>All of this kind in the namespace (empty: in all of them) has been read.</summary>
    public void Synchronized(ResourceKind kind, string ns) => synchronized.Add((kind, ns));

    /// <summary>Takes note of a resource; what kind of news it is, or null when nothing that matters changed.</summary>
    public ChangeType? Set(ResourceKind kind, JsonObject resource)
    {
        var traits = (resource.Annotation(keys.Ignore) == "true" ? ResourceTraits.Ignore : ResourceTraits.None)
            | (resource.Annotation(keys.Match) == "true" ? ResourceTraits.Match : ResourceTraits.None);
        var hash = ContentHash.Of(kind, resource);
        if (!namespaces.TryGetValue(resource.Namespace, out var ofNamespace))
        {
            namespaces[resource.Namespace] = ofNamespace = [];
        }

        var key = new ResourceRef(kind, resource.Name);
        if (ofNamespace.TryGetValue(key, out var known))
        {
            if (known.Hash == hash && known.Traits == traits)
            {
                return null;
            }

            ofNamespace[key] = known with { Hash = hash, Traits = traits };
            return ChangeType.Updated;
        }

        ofNamespace[key] = new ResourceState(hash, traits, Knows(kind, resource.Namespace) ? time.GetTimestamp() : null);
        return ChangeType.Created;
    }

    public bool Remove(string ns, ResourceRef resource)
    {
        if (!namespaces.TryGetValue(ns, out var ofNamespace) || !ofNamespace.Remove(resource))
        {
            return false;
        }

        if (ofNamespace.Count == 0)
        {
            namespaces.Remove(ns);
        }

        return true;
    }
}
