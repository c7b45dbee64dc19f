using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.OpenApi;

/// <summary>OpenAPI 2 in JSON, for older clients: definitions only.</summary>
internal static class OpenApiV2
{
    private const string Prefix = "#/definitions/";

    public static JsonObject Document()
    {
        var schemas = new HashSet<SchemaType>();
        foreach (var type in ResourceTypes.All.Select(OpenApiSchemas.For).OfType<SchemaType>())
        {
            OpenApiSchemas.Collect(type, schemas);
        }

        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1.32.4" },
            ["paths"] = new JsonObject(),
            ["definitions"] = new JsonObject(schemas.Select(schema => KeyValuePair.Create(schema.FullName, (JsonNode?)OpenApiSchemas.Describe(schema, Prefix)))),
        };
    }
}
