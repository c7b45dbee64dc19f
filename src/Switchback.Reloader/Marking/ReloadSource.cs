using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Marking;

/// <summary>The value of the pod template's annotation <c>last-reloaded-from</c>: what the strategy <c>annotations</c> rolled it for.</summary>
internal sealed record ReloadSource(ResourceRef Resource, string Namespace, string Hash, string? Container, DateTimeOffset At)
{
    /// <summary>In the order of keys that readers of stakater's annotation know.</summary>
    public string ToJson() => new JsonObject
    {
        ["type"] = Resource.Kind.Marker,
        ["name"] = Resource.Name,
        ["namespace"] = Namespace,
        ["hash"] = Hash,
        ["containerRefs"] = Container is null ? new JsonArray() : new JsonArray(Container),
        ["observedAt"] = At.ToUnixTimeSeconds(),
    }.ToJsonString();

    /// <summary>Which resource, with which hash; null when the annotation is not there or not ours to read.</summary>
    public static (ResourceRef Resource, string Hash)? Read(string? annotation)
    {
        if (annotation is null)
        {
            return null;
        }

        try
        {
            var source = JsonNode.Parse(annotation) as JsonObject;
            var kind = source?.Text("type") switch
            {
                "CONFIGMAP" => ResourceKind.ConfigMap,
                "SECRET" => ResourceKind.Secret,
                _ => (ResourceKind?)null,
            };
            return kind is { } known && source?.Text("name") is { } name && source.Text("hash") is { } hash
                ? (new ResourceRef(known, name), hash)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
