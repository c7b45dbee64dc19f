using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Patching;

/// <summary>JSON Patch, RFC 6902.</summary>
internal static class JsonPatch
{
    private const int MostOperations = 10_000;

    /// <exception cref="StatusException">400 for an operation that cannot be read, 422 for one that does not apply.</exception>
    public static JsonObject Apply(JsonObject item, JsonArray operations)
    {
        if (operations.Count > MostOperations)
        {
            throw new StatusException(413, "RequestEntityTooLarge", $"the allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }

        JsonNode? root = item;
        foreach (var operation in operations)
        {
            if (operation is not JsonObject step || step.Text("path") is not { } path)
            {
                throw StatusException.BadRequest("error decoding patch: an operation without a path");
            }

            root = ApplyOne(root, step, Pointer(path));
        }

        return root as JsonObject ?? throw Rejected("the result is not an object");
    }

    private static JsonNode? ApplyOne(JsonNode? root, JsonObject step, string[] path)
    {
        switch (step.Text("op"))
        {
            case "add":
                return Add(root, path, step["value"]?.DeepClone());
            case "remove":
                Take(root, path);
                return root;
            case "replace":
                if (path.Length > 0)
                {
                    Take(root, path);
                }

                return Add(root, path, step["value"]?.DeepClone());
            case "move":
                return Add(root, path, Take(root, Pointer(step.Text("from") ?? "")));
            case "copy":
                return Add(root, path, Find(root, Pointer(step.Text("from") ?? ""))?.DeepClone());
            case "test":
                return JsonNode.DeepEquals(Find(root, path), step["value"])
                    ? root
                    : throw Rejected($"testing value {step.Text("path")} failed");
            default:
                throw StatusException.BadRequest($"error decoding patch: unexpected operation \"{step.Text("op")}\"");
        }
    }

    private static string[] Pointer(string text) => text.Length == 0
        ? []
        : [.. text.TrimStart('/').Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static JsonNode? Find(JsonNode? root, string[] path)
    {
        var node = root;
        foreach (var part in path)
        {
            node = node switch
            {
                JsonObject parent when parent.TryGetPropertyValue(part, out var child) => child,
                JsonArray list when Index(part, list.Count - 1) is { } at => list[at],
                _ => throw Missing(path),
            };
        }

        return node;
    }

    private static JsonNode? Add(JsonNode? root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        switch (Find(root, path[..^1]))
        {
            case JsonObject parent:
                parent[path[^1]] = value;
                break;
            case JsonArray list when path[^1] == "-":
                list.Add(value);
                break;
            case JsonArray list when Index(path[^1], list.Count) is { } at:
                list.Insert(at, value);
                break;
            default:
                throw Missing(path);
        }

        return root;
    }

    private static JsonNode? Take(JsonNode? root, string[] path)
    {
        switch (path.Length == 0 ? null : Find(root, path[..^1]))
        {
            case JsonObject parent when parent.TryGetPropertyValue(path[^1], out var child):
                parent.Remove(path[^1]);
                return child;
            case JsonArray list when Index(path[^1], list.Count - 1) is { } at:
                var taken = list[at];
                list.RemoveAt(at);
                return taken;
            default:
                throw Missing(path);
        }
    }

    private static int? Index(string part, int last) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= last ? at : null;

    private static StatusException Missing(string[] path) => Rejected($"doc is missing path: /{string.Join('/', path)}");

    private static StatusException Rejected(string why) =>
        new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
