using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>What the API calls a kind of object: its group (empty for the core group), version and plural, as they stand in a URL.</summary>
/// <param name="Group">API group, empty for core, for example <c>apps</c>.</param>
/// <param name="Version">API version, for example <c>v1</c>.</param>
/// <param name="Plural">Lower-case plural, for example <c>deployments</c>.</param>
/// <param name="Kind">The kind in manifests, for example <c>Deployment</c>.</param>
/// <param name="Namespaced">Whether objects of this kind live in a namespace.</param>
public sealed record ResourceName(string Group, string Version, string Plural, string Kind, bool Namespaced = true)
{
    /// <summary>The value of <c>apiVersion</c> in a manifest of this kind: <c>v1</c>, <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As kubectl writes it: <c>configmaps</c>, <c>deployments.apps</c>.</summary>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>A new object of this kind with name, and namespace where the kind has one.</summary>
    public JsonObject NewObject(string name, string? ns = null)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (ns is not null)
        {
            metadata["namespace"] = ns;
        }

        return new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = Kind, ["metadata"] = metadata };
    }

    internal string Path(string? ns, string? name = null, string? subresource = null)
    {
        var path = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        if (Namespaced && !string.IsNullOrEmpty(ns))
        {
            path += $"/namespaces/{Uri.EscapeDataString(ns)}";
        }

        path += $"/{Plural}";
        if (name is not null)
        {
            path += $"/{Uri.EscapeDataString(name)}";
        }

        return subresource is null ? path : $"{path}/{subresource}";
    }
}
