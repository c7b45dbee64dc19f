using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

/// <summary>Reading access to the fields that all objects share. None of these changes the object.</summary>
internal static class ObjectFields
{
    public static string Name(this JsonObject item) => item.Text("metadata", "name") ?? "";

    /// <summary>Empty for objects outside of namespaces.</summary>
    public static string Namespace(this JsonObject item) => item.Text("metadata", "namespace") ?? "";

    public static string Uid(this JsonObject item) => item.Text("metadata", "uid") ?? "";

    public static long ResourceVersion(this JsonObject item) =>
        long.TryParse(item.Text("metadata", "resourceVersion"), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;

    public static long Generation(this JsonObject item) => item.Number("metadata", "generation") ?? 0;

    public static bool IsBeingDeleted(this JsonObject item) => item.Text("metadata", "deletionTimestamp") is not null;

    public static string? Label(this JsonObject item, string key) => item.Text("metadata", "labels", key);

    public static string? Annotation(this JsonObject item, string key) => item.Text("metadata", "annotations", key);

    public static IEnumerable<string> Finalizers(this JsonObject item) =>
        (item.At("metadata", "finalizers") as JsonArray)?.Select(entry => entry?.GetValue<string>() ?? "") ?? [];

    /// <summary>The owner that manages the object, or null.</summary>
    public static JsonObject? Controller(this JsonObject item) =>
        item.Items("metadata", "ownerReferences").FirstOrDefault(owner => owner.Flag("controller") == true);

    /// <summary>The node at a path of property names; null where any part is missing or no object.</summary>
    public static JsonNode? At(this JsonObject item, params ReadOnlySpan<string> path)
    {
        JsonNode? node = item;
        foreach (var step in path)
        {
            node = node is JsonObject parent && parent.TryGetPropertyValue(step, out var child) ? child : null;
        }

        return node;
    }

    public static JsonObject? Object(this JsonObject item, params ReadOnlySpan<string> path) => item.At(path) as JsonObject;

    /// <summary>The objects in the array at a path; empty when there is none.</summary>
    public static IEnumerable<JsonObject> Items(this JsonObject item, params ReadOnlySpan<string> path) => (item.At(path) as JsonArray)?.OfType<JsonObject>() ?? [];

    public static string? Text(this JsonObject item, params ReadOnlySpan<string> path) =>
        item.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static long? Number(this JsonObject item, params ReadOnlySpan<string> path)
    {
        return item.At(path) is { } node ? node.AsNumber() : null;
    }

    /// <summary>A whole number, however it came into the tree; null for anything else.</summary>
    public static long? AsNumber(this JsonNode node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return null;
        }

        if (value.TryGetValue<long>(out var whole))
        {
            return whole;
        }

        return value.TryGetValue<int>(out var small) ? small : (long)value.GetValue<double>();
    }

    public static bool? Flag(this JsonObject item, params ReadOnlySpan<string> path) => item.At(path) is not JsonValue value ? null : value.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static DateTimeOffset? Time(this JsonObject item, params ReadOnlySpan<string> path) =>
        item.Text(path) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The object at a path, made where it is missing: for objects that the caller may change.</summary>
    public static JsonObject Ensure(this JsonObject item, params ReadOnlySpan<string> path)
    {
        var node = item;
        foreach (var step in path)
        {
            if (node[step] is not JsonObject child)
            {
                node[step] = child = [];
            }

            node = child;
        }

        return node;
    }

    /// <summary>A time as <c>metav1.Time</c> is written: UTC, whole seconds.</summary>
    public static string ToTimestamp(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time as <c>metav1.MicroTime</c> is written.</summary>
    public static string ToMicroTimestamp(this DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
