using System.Text.Json.Nodes;

namespace Switchback.Kubernetes.Tests.Fakes;

internal static class FakePatch
{
    /// <summary>RFC 7386; strategic: lists of objects with a name are merged by it.</summary>
    public static JsonObject Merge(JsonObject target, JsonObject patch, bool strategic)
    {
        foreach (var (field, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(field);
                    break;
                case JsonObject inner:
                    target[field] = Merge(target[field] is JsonObject existing ? (JsonObject)existing.DeepClone() : [], inner, strategic);
                    break;
                case JsonArray items when strategic && items.All(item => item is JsonObject named && named.ContainsKey("name")):
                    target[field] = ByName(target[field] as JsonArray ?? [], items);
                    break;
                default:
                    target[field] = value.DeepClone();
                    break;
            }
        }

        return target;
    }

    private static JsonArray ByName(JsonArray target, JsonArray patch)
    {
        var result = (JsonArray)target.DeepClone();
        foreach (var item in patch.OfType<JsonObject>())
        {
            var existing = result.OfType<JsonObject>().FirstOrDefault(other => (string?)other["name"] == (string?)item["name"]);
            if ((string?)item["$patch"] == "delete")
            {
                result.Remove(existing);
            }
            else if (existing is null)
            {
                result.Add(item.DeepClone());
            }
            else
            {
                result[result.IndexOf(existing)] = Merge((JsonObject)existing.DeepClone(), item, strategic: true);
            }
        }

        return result;
    }
}
