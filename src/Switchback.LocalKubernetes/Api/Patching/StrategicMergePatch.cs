using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Schemas;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Patching;

/// <summary>
/// Strategic merge patch: a merge patch that knows lists of objects by their merge key, and directives: <c>$patch</c> (replace, delete, merge),
/// <c>$setElementOrder/LIST</c>, <c>$deleteFromPrimitiveList/LIST</c>, <c>$retainKeys</c>.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string SetElementOrder = "$setElementOrder/";
    private const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";

    /// <param name="item">Changed in place.</param>
    /// <param name="patch">What to change.</param>
    /// <param name="type">Null where the fields are not known: lists are replaced there.</param>
    /// <exception cref="StatusException">400 for a directive that is not understood.</exception>
    public static JsonObject Apply(JsonObject item, JsonObject patch, SchemaType? type)
    {
        switch (patch.Text(Directive))
        {
            case null or "merge":
                break;
            case "replace":
                var replacement = (JsonObject)patch.DeepClone();
                replacement.Remove(Directive);
                return replacement;
            case "delete":
                return [];
            case var other:
                throw StatusException.BadRequest($"unrecognized patch type: {other}");
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteFromPrimitiveList, StringComparison.Ordinal))
            {
                ListMerge.Remove(item[name[DeleteFromPrimitiveList.Length..]] as JsonArray, value as JsonArray);
            }
            else if (name[0] != '$')
            {
                Merge(item, name, value, type?.Fields.GetValueOrDefault(name), patch[SetElementOrder + name] as JsonArray);
            }
        }

        // An order alone, without changes to the list, orders it too.
        foreach (var (name, value) in patch.Where(field => field.Key.StartsWith(SetElementOrder, StringComparison.Ordinal)))
        {
            var list = name[SetElementOrder.Length..];
            if (!patch.ContainsKey(list) && item[list] is JsonArray present && value is JsonArray order && type?.Fields.GetValueOrDefault(list) is { } field)
            {
                ListMerge.Order(present, order, [.. present.Select(entry => entry?.DeepClone())], field.MergeKey);
            }
        }

        if (patch[RetainKeys] is JsonArray retained)
        {
            var kept = retained.Select(key => key?.GetValue<string>()).ToHashSet();
            foreach (var name in item.Select(field => field.Key).Where(name => !kept.Contains(name)).ToList())
            {
                item.Remove(name);
            }
        }

        return item;
    }

    private static void Merge(JsonObject item, string name, JsonNode? value, SchemaField? field, JsonArray? order)
    {
        switch (value)
        {
            case null:
                item.Remove(name);
                break;
            case JsonObject inner:
                var child = item[name] as JsonObject ?? [];
                item.Remove(name);
                item[name] = Apply(child, inner, field?.Container == Container.None ? field.Type : null);
                break;
            case JsonArray list when field?.MergeKey is { } key:
                var present = item[name] as JsonArray ?? [];
                item.Remove(name);
                item[name] = ListMerge.ByKey(present, list, key, field.Type, order);
                break;
            case JsonArray list when field?.MergedSet == true:
                var values = item[name] as JsonArray ?? [];
                item.Remove(name);
                item[name] = ListMerge.Union(values, list);
                break;
            default:
                item[name] = value.DeepClone();
                break;
        }
    }
}
