using System.Text.Json.Nodes;
using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Rolling;

/// <summary>Who hears of ConfigMaps and Secrets: the engine that rolls workloads, or the webhook that is told instead.</summary>
internal interface IResourceNews
{
    /// <summary>A resource appeared or changed; what kind of news that was, or null when nothing that matters changed.</summary>
    ChangeType? ResourceChanged(ResourceKind kind, JsonObject resource);

    /// <summary>A resource is gone; false when it was not known.</summary>
    bool ResourceRemoved(string ns, ResourceRef resource);

    /// <summary>All resources of a kind have been read, in one namespace or (null) in all.</summary>
    void ResourcesSynchronized(ResourceKind kind, string? ns);
}
