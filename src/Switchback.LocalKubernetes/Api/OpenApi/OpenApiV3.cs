using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.OpenApi;

/// <summary>OpenAPI 3, a document for each group and version: tells kubectl that fields are checked here, how lists merge, and what <c>kubectl explain</c> shows.</summary>
internal static class OpenApiV3
{
    private const string Prefix = "#/components/schemas/";

    private static readonly string[] Parameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

    public static JsonObject Index() => new()
    {
        ["paths"] = new JsonObject(ResourceTypes.All.Select(PathOf).Distinct().Select(path =>
            KeyValuePair.Create(path, (JsonNode?)new JsonObject { ["serverRelativeURL"] = "/openapi/v3/" + path }))),
    };

    /// <param name="path">For example <c>apis/apps/v1</c>.</param>
    public static JsonObject? Document(string path)
    {
        var types = ResourceTypes.All.Where(type => PathOf(type) == path && OpenApiSchemas.For(type) is not null).ToList();
        if (types.Count == 0)
        {
            return null;
        }

        var schemas = new HashSet<SchemaType>();
        foreach (var type in types)
        {
            OpenApiSchemas.Collect(OpenApiSchemas.For(type)!, schemas);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.32.4" },
            ["paths"] = new JsonObject(types.Select(type => KeyValuePair.Create(ObjectPath(type), (JsonNode?)Operations(type)))),
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas.Select(schema => KeyValuePair.Create(schema.FullName, (JsonNode?)OpenApiSchemas.Describe(schema, Prefix)))),
            },
        };
    }

    private static string PathOf(ResourceType type) => type.Group.Length == 0 ? "api/v1" : $"apis/{type.ApiVersion}";

    private static string ObjectPath(ResourceType type) => $"/{PathOf(type)}/{(type.Namespaced ? "namespaces/{namespace}/" : "")}{type.Plural}/{{name}}";

    private static JsonObject Operations(ResourceType type)
    {
        var operations = new JsonObject();
        foreach (var (method, action) in (ReadOnlySpan<(string, string)>)[("get", "get"), ("put", "put"), ("patch", "patch"), ("delete", "delete")])
        {
            operations[method] = new JsonObject
            {
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind },
                ["parameters"] = method == "get" ? new JsonArray() : new JsonArray([.. Parameters.Select(name => new JsonObject
                {
                    ["name"] = name,
                    ["in"] = "query",
                    ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
                })]),
                ["responses"] = new JsonObject
                {
                    ["200"] = new JsonObject
                    {
                        ["description"] = "OK",
                        ["content"] = new JsonObject
                        {
                            ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = Prefix + OpenApiSchemas.For(type)!.FullName } },
                        },
                    },
                },
            };
        }

        return operations;
    }
}
