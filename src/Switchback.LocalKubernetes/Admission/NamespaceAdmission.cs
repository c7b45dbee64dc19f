using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

internal static class NamespaceAdmission
{
    public static void SetDefaults(JsonObject item, JsonObject? previous)
    {
        item.Ensure("metadata", "labels")["kubernetes.io/metadata.name"] = item.Name();
        if (previous is null)
        {
            item.Ensure("spec")["finalizers"] = new JsonArray("kubernetes");
            item.Ensure("status")["phase"] = "Active";
        }
    }
}
