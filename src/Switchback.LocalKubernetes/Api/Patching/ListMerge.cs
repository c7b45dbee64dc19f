using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Patching;

/// <summary>How a strategic merge patch changes lists.</summary>
internal static class ListMerge
{
    private const string Directive = "$patch";

    /// <summary>Merges objects that have the same key; new ones come to the end unless an order says otherwise.</summary>
    public static JsonArray ByKey(JsonArray present, JsonArray patch, string key, SchemaType? type, JsonArray? order)
    {
        var entries = patch.OfType<JsonObject>().ToList();
        if (entries.Exists(entry => entry.Text(Directive) == "replace"))
        {
            return [.. entries.Where(entry => entry.Text(Directive) is null).Select(entry => entry.DeepClone())];
        }

        var before = present.Select(entry => entry?.DeepClone()).ToList();
        foreach (var entry in entries)
        {
            if (entry[key] is null)
            {
                throw StatusException.BadRequest($"map: {entry.ToJsonString()} does not contain declared merge key: {key}");
            }

            var at = IndexOf(present, entry, key);
            if (entry.Text(Directive) == "delete")
            {
                if (at >= 0)
                {
                    present.RemoveAt(at);
                }
            }
            else if (at >= 0)
            {
                var merged = (JsonObject)present[at]!;
                present.RemoveAt(at);
                present.Insert(at, StrategicMergePatch.Apply(merged, entry, type));
            }
            else
            {
                present.Add((JsonNode)StrategicMergePatch.Apply([], entry, type));
            }
        }

        if (order is not null)
        {
            Order(present, order, before, key);
        }

        return present;
    }

    /// <summary>The values of both lists, each once.</summary>
    public static JsonArray Union(JsonArray present, JsonArray more)
    {
        foreach (var value in more)
        {
            if (!present.Any(known => JsonNode.DeepEquals(known, value)))
            {
                present.Add(value?.DeepClone());
            }
        }

        return present;
    }

    public static void Remove(JsonArray? present, JsonArray? values)
    {
        foreach (var value in values ?? [])
        {
            for (var at = (present?.Count ?? 0) - 1; at >= 0; at--)
            {
                if (JsonNode.DeepEquals(present![at], value))
                {
                    present.RemoveAt(at);
                }
            }
        }
    }

    /// <summary>
    /// Puts a list into the order that the patch's author saw. What he did not see - others added it - stays where it was relative to its old neighbours.
    /// </summary>
    /// <param name="list">Ordered in place.</param>
    /// <param name="order">The wished order: objects with the key, or plain values.</param>
    /// <param name="before">The list before the patch.</param>
    /// <param name="key">The merge key; null for plain values.</param>
    public static void Order(JsonArray list, JsonArray order, List<JsonNode?> before, string? key)
    {
        var wished = order.Select(entry => Identity(entry, key)).ToList();
        var old = before.Select(entry => Identity(entry, key)).ToList();
        var known = list.Where(entry => wished.Contains(Identity(entry, key))).OrderBy(entry => wished.IndexOf(Identity(entry, key))).ToList();
        var others = new Queue<JsonNode?>(list.Where(entry => !wished.Contains(Identity(entry, key))));
        list.Clear();
        foreach (var entry in known)
        {
            var place = old.IndexOf(Identity(entry, key));
            while (place >= 0 && others.TryPeek(out var other) && old.IndexOf(Identity(other, key)) is var otherPlace and >= 0 && otherPlace < place)
            {
                list.Add(others.Dequeue());
            }

            list.Add(entry);
        }

        while (others.TryDequeue(out var rest))
        {
            list.Add(rest);
        }
    }

    private static int IndexOf(JsonArray list, JsonObject entry, string key)
    {
        for (var at = 0; at < list.Count; at++)
        {
            if (list[at] is JsonObject known && JsonNode.DeepEquals(known[key], entry[key]))
            {
                return at;
            }
        }

        return -1;
    }

    private static string Identity(JsonNode? entry, string? key) => (key is null ? entry : (entry as JsonObject)?[key])?.ToJsonString() ?? "";
}
