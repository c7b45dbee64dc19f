using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Patching;

/// <summary>Does to a pod template at hand what the API server does with our strategic-merge patch: variables by container and name, annotations.</summary>
internal static class TemplateMerge
{
    public static void Into(JsonObject template, JsonObject change)
    {
        foreach (var (key, value) in change.Pairs("metadata", "annotations"))
        {
            template.Ensure("metadata", "annotations")[key] = value;
        }

        foreach (var container in change.Items("spec", "containers"))
        {
            var target = template.Items("spec", "containers").FirstOrDefault(item => item.Text("name") == container.Text("name"));
            if (target is null)
            {
                continue;
            }

            var environment = target["env"] as JsonArray;
            target["env"] = environment ??= [];
            foreach (var variable in container.Items("env"))
            {
                Set(environment, variable);
            }
        }
    }

    private static void Set(JsonArray environment, JsonObject variable)
    {
        var existing = environment.OfType<JsonObject>().FirstOrDefault(item => item.Text("name") == variable.Text("name"));
        if (variable.Text("$patch") == "delete")
        {
            environment.Remove(existing);
        }
        else if (existing is not null)
        {
            existing["value"] = variable.Text("value");
        }
        else
        {
            environment.Add(variable.DeepClone());
        }
    }
}
