using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>
/// What <c>kubectl apply</c> makes of three states: what was applied last, what is applied now and what is there. Fields applied now are set, fields
/// applied last and now missing are removed, and all others - defaults, what controllers wrote - stay. Pure.
/// </summary>
internal static class ThreeWayMerge
{
    // The lists which Kubernetes merges by a key; all others are replaced whole.
    private static readonly Dictionary<string, string[]> ListKeys = new()
    {
        ["containers"] = ["name"],
        ["initContainers"] = ["name"],
        ["ephemeralContainers"] = ["name"],
        ["volumes"] = ["name"],
        ["env"] = ["name"],
        ["imagePullSecrets"] = ["name"],
        ["secrets"] = ["name"],
        ["volumeMounts"] = ["mountPath"],
        ["volumeDevices"] = ["devicePath"],
        ["hostAliases"] = ["ip"],
        ["ownerReferences"] = ["uid"],
        ["ports"] = ["containerPort", "port"],
    };

    /// <summary>The state that should be there.</summary>
    public static JsonObject Merge(JsonObject? last, JsonObject now, JsonObject there)
    {
        var result = (JsonObject)there.DeepClone();
        foreach (var (field, _) in last ?? [])
        {
            if (!now.ContainsKey(field))
            {
                result.Remove(field);
            }
        }

        foreach (var (field, value) in now)
        {
            switch (value)
            {
                case null:
                    result.Remove(field);
                    break;
                case JsonObject inner when there[field] is JsonObject existing:
                    result[field] = Merge(last?[field] as JsonObject, inner, existing);
                    break;
                case JsonArray items when there[field] is JsonArray existing && KeyOf(field, items, existing) is { } key:
                    result[field] = MergeByKey(key, last?[field] as JsonArray, items, existing);
                    break;
                default:
                    result[field] = value.DeepClone();
                    break;
            }
        }

        return result;
    }

    /// <summary>The RFC 7386 patch that makes <paramref name="to"/> of <paramref name="from"/>; empty when they are equal.</summary>
    public static JsonObject Difference(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (field, _) in from)
        {
            if (!to.ContainsKey(field))
            {
                patch[field] = null;
            }
        }

        foreach (var (field, value) in to)
        {
            if (from.ContainsKey(field) && JsonNode.DeepEquals(from[field], value))
            {
                continue;
            }

            if (value is JsonObject inner && from[field] is JsonObject existing)
            {
                patch[field] = Difference(existing, inner);
            }
            else
            {
                patch[field] = value?.DeepClone();
            }
        }

        return patch;
    }

    private static string? KeyOf(string field, JsonArray now, JsonArray there) =>
        ListKeys.TryGetValue(field, out var keys) ? keys.FirstOrDefault(key => IsKey(key, now) && IsKey(key, there)) : null;

    // A key that is missing or not unique (one port with TCP and UDP) cannot tell the items apart.
    private static bool IsKey(string key, JsonArray items)
    {
        var seen = new HashSet<string>();
        return items.All(item => item is JsonObject inner && inner[key] is { } value && seen.Add(value.ToJsonString()));
    }

    private static JsonArray MergeByKey(string key, JsonArray? last, JsonArray now, JsonArray there)
    {
        JsonObject? Find(JsonArray? items, JsonNode wanted) =>
            items?.OfType<JsonObject>().FirstOrDefault(item => JsonNode.DeepEquals(item[key], wanted));

        var result = new JsonArray();
        foreach (var item in now.OfType<JsonObject>())
        {
            var existing = Find(there, item[key]!);
            result.Add(existing is null ? item.DeepClone() : (JsonNode)Merge(Find(last, item[key]!), item, existing));
        }

        foreach (var kept in there.OfType<JsonObject>().Where(item => Find(now, item[key]!) is null && Find(last, item[key]!) is null))
        {
            result.Add(kept.DeepClone());
        }

        return result;
    }
}
