using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.LocalKubernetes.Api.Requests;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Resources;

/// <summary>Makes what a client sends into an object of the type it is sent to.</summary>
internal static class ObjectReader
{
    /// <summary>Checks kind, name and namespace against the path, and the fields against the schema as <c>fieldValidation</c> asks.</summary>
    /// <exception cref="StatusException">400 for what cannot be such an object.</exception>
    public static void Accept(ApiRequest request, JsonObject item)
    {
        var type = request.Type;
        Match(item, "kind", type.Kind, (came, wanted) => $"the kind in the data ({came}) does not match the expected kind ({wanted})");
        Match(item, "apiVersion", type.ApiVersion, (came, wanted) => $"the API version in the data ({came}) does not match the expected API version ({wanted})");
        Decode(request, SchemaCatalogue.ForKind(type.ApiVersion, type.Kind)!, item);
        var metadata = item.Ensure("metadata");
        if (!type.Namespaced)
        {
            metadata.Remove("namespace");
        }
        else if (item.Namespace().Length == 0)
        {
            metadata["namespace"] = request.Namespace;
        }
        else if (item.Namespace() != request.Namespace)
        {
            throw StatusException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (request.Path.Name is { } name)
        {
            if (item.Name().Length > 0 && item.Name() != name)
            {
                throw StatusException.BadRequest($"the name of the object ({item.Name()}) does not match the name on the URL ({name})");
            }

            metadata["name"] = name;
        }
    }

    /// <summary>Reads the fields by a schema; unknown ones are refused, warned of or ignored.</summary>
    /// <exception cref="StatusException">400.</exception>
    public static void Decode(ApiRequest request, SchemaType schema, JsonObject item)
    {
        var unknown = ObjectDecoder.Decode(schema, item);
        if (unknown.Count == 0)
        {
            return;
        }

        switch (request.Query("fieldValidation"))
        {
            case "Strict":
                throw StatusException.BadRequest(
                    $"{schema.Name} in version \"{ObjectDecoder.Version(schema)}\" cannot be handled as a {schema.Name}: strict decoding error: {string.Join(", ", unknown)}");
            case null or "Warn":
                foreach (var sentence in unknown)
                {
                    Warn(request, sentence);
                }

                break;
            case "Ignore":
                break;
            case var other:
                throw StatusException.BadRequest($"fieldValidation: Unsupported value: \"{other}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"");
        }
    }

    /// <summary>A sentence that kubectl shows beside the answer.</summary>
    public static void Warn(ApiRequest request, string sentence) =>
        request.Http.Response.Headers.Append("Warning", $"299 - \"{sentence.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    private static void Match(JsonObject item, string field, string expected, Func<string, string, string> complaint)
    {
        var value = item.Text(field);
        if (!string.IsNullOrEmpty(value) && value != expected)
        {
            throw StatusException.BadRequest(complaint(value, expected));
        }

        item[field] = expected;
    }
}
