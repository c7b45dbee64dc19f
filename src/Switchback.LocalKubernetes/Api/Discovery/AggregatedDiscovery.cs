using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Discovery;

/// <summary>Discovery in two documents, one for the core group and one for all others (KEP-3352).</summary>
internal static class AggregatedDiscovery
{
    public const string MediaType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    public static JsonObject Document(bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. ResourceTypes.All.Where(type => type.Group.Length == 0 == core).GroupBy(type => type.Group).Select(Group)]),
    };

    private static JsonObject Group(IGrouping<string, ResourceType> types) => new()
    {
        ["metadata"] = types.Key.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = types.Key },
        ["versions"] = new JsonArray(new JsonObject
        {
            ["version"] = "v1",
            ["freshness"] = "Current",
            ["resources"] = new JsonArray([.. types.Select(Resource)]),
        }),
    };

    private static JsonObject Resource(ResourceType type)
    {
        var resource = new JsonObject
        {
            ["resource"] = type.Plural,
            ["responseKind"] = Kind(type.Group, type.Version, type.Kind),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = GroupDiscovery.ToArray(type.CreateOnly ? ["create"] : GroupDiscovery.AllVerbs),
        };
        if (type.ShortNames.Count > 0)
        {
            resource["shortNames"] = GroupDiscovery.ToArray(type.ShortNames);
        }

        if (type.Categories.Count > 0)
        {
            resource["categories"] = GroupDiscovery.ToArray(type.Categories);
        }

        if (type.Subresources.Count > 0)
        {
            resource["subresources"] = new JsonArray([.. type.Subresources.Select(name => Subresource(type, name))]);
        }

        return resource;
    }

    private static JsonObject Subresource(ResourceType type, string name)
    {
        var (group, version, kind, verbs) = GroupDiscovery.Subresource(type, name);
        return new JsonObject { ["subresource"] = name, ["responseKind"] = Kind(group, version, kind), ["verbs"] = GroupDiscovery.ToArray(verbs) };
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
