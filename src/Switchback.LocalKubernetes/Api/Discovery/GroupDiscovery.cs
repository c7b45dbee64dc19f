using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Discovery;

/// <summary>Discovery as it always was: a document for each group and version.</summary>
internal static class GroupDiscovery
{
    public static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public static JsonObject CoreVersions() => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(),
    };

    public static JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. ResourceTypes.All.Select(type => type.Group).Where(group => group.Length > 0).Distinct().Select(Describe)]),
    };

    public static JsonObject? Group(string group)
    {
        if (group.Length == 0 || !ResourceTypes.All.Any(type => type.Group == group))
        {
            return null;
        }

        var described = Describe(group);
        described["kind"] = "APIGroup";
        described["apiVersion"] = "v1";
        return described;
    }

    public static JsonObject? Resources(string groupVersion)
    {
        var types = ResourceTypes.All.Where(type => type.ApiVersion == groupVersion).ToList();
        return types.Count == 0 ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = groupVersion,
            ["resources"] = new JsonArray([.. types.SelectMany(Describe)]),
        };
    }

    /// <summary>The kind that a subresource speaks, and its verbs.</summary>
    public static (string Group, string Version, string Kind, string[] Verbs) Subresource(ResourceType type, string name) => name switch
    {
        "scale" => ("autoscaling", "v1", "Scale", ["get", "patch", "update"]),
        "token" => ("authentication.k8s.io", "v1", "TokenRequest", ["create"]),
        "log" => (type.Group, type.Version, type.Kind, ["get"]),
        "finalize" => (type.Group, type.Version, type.Kind, ["update"]),
        _ => (type.Group, type.Version, type.Kind, ["get", "patch", "update"]),
    };

    public static JsonArray ToArray(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);

    private static JsonObject Describe(string group) => new()
    {
        ["name"] = group,
        ["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = group + "/v1", ["version"] = "v1" }),
        ["preferredVersion"] = new JsonObject { ["groupVersion"] = group + "/v1", ["version"] = "v1" },
    };

    private static IEnumerable<JsonNode> Describe(ResourceType type)
    {
        var resource = new JsonObject
        {
            ["name"] = type.Plural,
            ["singularName"] = type.Singular,
            ["namespaced"] = type.Namespaced,
            ["kind"] = type.Kind,
            ["verbs"] = ToArray(type.CreateOnly ? ["create"] : AllVerbs),
        };
        if (type.ShortNames.Count > 0)
        {
            resource["shortNames"] = ToArray(type.ShortNames);
        }

        if (type.Categories.Count > 0)
        {
            resource["categories"] = ToArray(type.Categories);
        }

        yield return resource;
        foreach (var name in type.Subresources)
        {
            var (group, version, kind, verbs) = Subresource(type, name);
            var subresource = new JsonObject { ["name"] = $"{type.Plural}/{name}", ["singularName"] = "", ["namespaced"] = type.Namespaced, ["kind"] = kind, ["verbs"] = ToArray(verbs) };
            if (group != type.Group)
            {
                subresource["group"] = group;
                subresource["version"] = version;
            }

            yield return subresource;
        }
    }
}
