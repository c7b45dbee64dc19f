using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>Pod templates: when two are the same, and the hash that names a ReplicaSet.</summary>
internal static class PodTemplate
{
    public const string HashLabel = "pod-template-hash";

    private const string SafeAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Whether a ReplicaSet's template is a Deployment's, the label with the hash aside.</summary>
    public static bool IsSame(JsonObject? one, JsonObject? other) => JsonNode.DeepEquals(WithoutHash(one), WithoutHash(other));

    /// <summary>A short hash of the template; another one for each number of collisions.</summary>
    public static string Hash(JsonObject template, long collisions)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(WithoutHash(template))!.ToJsonString() + (collisions > 0 ? collisions.ToString(System.Globalization.CultureInfo.InvariantCulture) : "")));
        return string.Concat(digest.Take(10).Select(value => SafeAlphabet[value % SafeAlphabet.Length]));
    }

    private static JsonObject WithoutHash(JsonObject? template)
    {
        var copy = (JsonObject?)template?.DeepClone() ?? [];
        copy.Object("metadata", "labels")?.Remove(HashLabel);
        copy.Object("metadata")?.Remove("creationTimestamp");
        return copy;
    }

    /// <summary>Fields in one order, whatever order they came in.</summary>
    private static JsonNode? Canonical(JsonNode? node) => node switch
    {
        JsonObject item => new JsonObject(item.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Canonical(field.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Canonical)]),
        _ => node?.DeepClone(),
    };
}
