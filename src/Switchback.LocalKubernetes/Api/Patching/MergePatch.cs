using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Api.Patching;

/// <summary>JSON Merge Patch, RFC 7386: null removes, objects merge, everything else replaces.</summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject item, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    item.Remove(name);
                    break;
                case JsonObject inner:
                    var child = item[name] as JsonObject ?? [];
                    item.Remove(name);
                    item[name] = Apply(child, inner);
                    break;
                default:
                    item[name] = value.DeepClone();
                    break;
            }
        }

        return item;
    }
}
