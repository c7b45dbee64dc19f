using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.OpenApi;

/// <summary>The types of the schema catalogue as OpenAPI writes them.</summary>
internal static class OpenApiSchemas
{
    /// <summary>A type and all it refers to.</summary>
    public static void Collect(SchemaType type, HashSet<SchemaType> into)
    {
        if (!into.Add(type))
        {
            return;
        }

        foreach (var field in type.Fields.Values.Where(field => field.Type is not null))
        {
            Collect(field.Type!, into);
        }
    }

    /// <param name="type">What to describe.</param>
    /// <param name="prefix">Of references: <c>#/components/schemas/</c> or <c>#/definitions/</c>.</param>
    public static JsonObject Describe(SchemaType type, string prefix)
    {
        var described = new JsonObject { ["type"] = "object" };
        var required = type.Fields.Values.Where(field => field.Required).Select(field => (JsonNode)field.Name).ToArray();
        if (required.Length > 0 && !type.IsKind)
        {
            described["required"] = new JsonArray(required);
        }

        described["properties"] = new JsonObject(type.Fields.Values.Select(field => KeyValuePair.Create(field.Name, (JsonNode?)Describe(field, prefix))));
        if (type.IsKind)
        {
            var slash = type.ApiVersion.IndexOf('/');
            described["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject
            {
                ["group"] = slash < 0 ? "" : type.ApiVersion[..slash],
                ["version"] = type.ApiVersion[(slash + 1)..],
                ["kind"] = type.Name,
            });
        }

        return described;
    }

    public static SchemaType? For(ResourceType type) => SchemaCatalogue.ForKind(type.ApiVersion, type.Kind);

    private static JsonObject Describe(SchemaField field, string prefix)
    {
        var value = Value(field, prefix);
        var described = field.Container switch
        {
            Container.List => new JsonObject { ["type"] = "array", ["items"] = value },
            Container.Map => new JsonObject { ["type"] = "object", ["additionalProperties"] = value },
            _ => value,
        };
        if (field.MergeKey is not null)
        {
            described["x-kubernetes-patch-merge-key"] = field.MergeKey;
        }

        var strategy = string.Join(',', new[] { field.MergeKey is not null || field.MergedSet ? "merge" : "", field.RetainKeys ? "retainKeys" : "" }.Where(part => part.Length > 0));
        if (strategy.Length > 0)
        {
            described["x-kubernetes-patch-strategy"] = strategy;
        }

        return described;
    }

    private static JsonObject Value(SchemaField field, string prefix) => field.Form switch
    {
        // A reference may stand beside other keys only inside an allOf.
        ValueForm.Object => prefix.StartsWith("#/comp", StringComparison.Ordinal)
            ? new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = prefix + field.Type!.FullName }) }
            : new JsonObject { ["$ref"] = prefix + field.Type!.FullName },
        ValueForm.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        ValueForm.Int64 => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        ValueForm.Boolean => new JsonObject { ["type"] = "boolean" },
        ValueForm.Bytes => new JsonObject { ["type"] = "string", ["format"] = "byte" },
        ValueForm.Time or ValueForm.MicroTime => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        ValueForm.IntOrText => new JsonObject { ["type"] = "string", ["format"] = "int-or-string" },
        ValueForm.Any => new JsonObject { ["type"] = "object" },
        _ => new JsonObject { ["type"] = "string" },
    };
}
