using Switchback.Kubernetes;

namespace Switchback.Reloader.Deciding;

/// <summary>What workloads are configured by.</summary>
internal enum ResourceKind
{
    ConfigMap,
    Secret,
}

/// <summary>A ConfigMap or Secret within a namespace that the context gives.</summary>
internal readonly record struct ResourceRef(ResourceKind Kind, string Name)
{
    public override string ToString() => $"{Kind}/{Name}";

    public static ResourceRef? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && Enum.TryParse<ResourceKind>(text[..slash], out var kind) ? new ResourceRef(kind, text[(slash + 1)..]) : null;
    }
}

internal static class ResourceKinds
{
    public static readonly ResourceKind[] All = [ResourceKind.ConfigMap, ResourceKind.Secret];

    extension(ResourceKind kind)
    {
        /// <summary>As it stands in variables, annotations, events and log lines.</summary>
        public string Marker => kind == ResourceKind.ConfigMap ? "CONFIGMAP" : "SECRET";

        public ResourceName Resource => kind == ResourceKind.ConfigMap ? ResourceNames.ConfigMaps : ResourceNames.Secrets;
    }
}
