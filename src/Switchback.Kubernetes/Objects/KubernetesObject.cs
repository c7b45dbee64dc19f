using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>Readers of the fields every Kubernetes object has; a missing or mistyped field reads as null, never throws.</summary>
public static class KubernetesObject
{
    /// <param name="source">An object as the API hands it out.</param>
    extension(JsonObject source)
    {
        /// <summary><c>metadata.name</c>, empty where there is none.</summary>
        public string Name => source.Text("metadata", "name") ?? "";

        /// <summary><c>metadata.namespace</c>, empty for objects outside any namespace.</summary>
        public string Namespace => source.Text("metadata", "namespace") ?? "";

        /// <summary><c>metadata.uid</c>.</summary>
        public string? Uid => source.Text("metadata", "uid");

        /// <summary><c>metadata.resourceVersion</c>, to be compared for equality only.</summary>
        public string? ResourceVersion => source.Text("metadata", "resourceVersion");

        /// <summary><c>kind</c>.</summary>
        public string Kind => source.Text("kind") ?? "";

        /// <summary>The value of an annotation, or null.</summary>
        public string? Annotation(string key) => source.Text("metadata", "annotations", key);

        /// <summary>The value of a label, or null.</summary>
        public string? Label(string key) => source.Text("metadata", "labels", key);

        /// <summary>The node below these field names, or null as soon as one of them is missing or not an object.</summary>
        public JsonNode? At(params ReadOnlySpan<string> path)
        {
            JsonNode? node = source;
            foreach (var field in path)
            {
                node = node is JsonObject inner && inner.TryGetPropertyValue(field, out var child) ? child : null;
            }

            return node;
        }

        /// <summary>The object below these field names, or null.</summary>
        public JsonObject? Object(params ReadOnlySpan<string> path) => source.At(path) as JsonObject;

        /// <summary>The string below these field names, or null.</summary>
        public string? Text(params ReadOnlySpan<string> path) =>
            source.At(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

        /// <summary>The integer below these field names, or null.</summary>
        public long? Number(params ReadOnlySpan<string> path) => source.At(path) switch
        {
            JsonValue value when value.TryGetValue<long>(out var number) => number,
            JsonValue value when value.TryGetValue<int>(out var number) => number,
            _ => null,
        };

        /// <summary>The boolean below these field names; false where there is none.</summary>
        public bool Flag(params ReadOnlySpan<string> path) =>
            source.At(path) is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

        /// <summary>The objects in the array below these field names; empty where there is none.</summary>
        public IEnumerable<JsonObject> Items(params ReadOnlySpan<string> path) =>
            source.At(path) is JsonArray array ? array.OfType<JsonObject>() : [];

        /// <summary>The object below these field names; what is missing on the way is created.</summary>
        public JsonObject Ensure(params ReadOnlySpan<string> path)
        {
            var node = source;
            foreach (var field in path)
            {
                if (node[field] is not JsonObject child)
                {
                    node[field] = child = [];
                }

                node = child;
            }

            return node;
        }

        /// <summary>The pairs of a map of strings (labels, annotations, a ConfigMap's data); empty where there is none.</summary>
        public IEnumerable<KeyValuePair<string, string>> Pairs(params ReadOnlySpan<string> path)
        {
            var map = source.At(path) as JsonObject;
            return map is null ? [] : TextsOf(map);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> TextsOf(JsonObject map)
    {
        foreach (var (key, node) in map)
        {
            if (node is JsonValue value && value.TryGetValue<string>(out var text))
            {
                yield return new(key, text);
            }
        }
    }
}
