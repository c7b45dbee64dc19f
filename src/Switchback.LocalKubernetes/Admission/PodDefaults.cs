using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Admission;

/// <summary>Defaults of a pod's specification that depend on other fields; in pods and in templates alike.</summary>
internal static class PodDefaults
{
    public static void Apply(JsonObject? spec)
    {
        if (spec is null)
        {
            return;
        }

        foreach (var container in spec.Items("initContainers").Concat(spec.Items("containers")))
        {
            if (container.Text("imagePullPolicy") is null or "")
            {
                container["imagePullPolicy"] = IsLatest(container.Text("image") ?? "") ? "Always" : "IfNotPresent";
            }

            DefaultRequests(container);
        }

        // The old name of the field is kept in step with the new one.
        var account = spec.Text("serviceAccountName") is { Length: > 0 } named ? named : spec.Text("serviceAccount");
        if (!string.IsNullOrEmpty(account))
        {
            spec["serviceAccountName"] = account;
            spec["serviceAccount"] = account;
        }

        foreach (var volume in spec.Items("volumes").Where(volume => volume.Count == 1))
        {
            volume["emptyDir"] = new JsonObject();
        }
    }

    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }

        var colon = image.LastIndexOf(':');
        return colon <= image.LastIndexOf('/') || image[(colon + 1)..] == "latest";
    }

    /// <summary>Whoever states a limit only requests as much.</summary>
    private static void DefaultRequests(JsonObject container)
    {
        foreach (var (name, limit) in container.Object("resources", "limits") ?? [])
        {
            var requests = container.Ensure("resources", "requests");
            if (!requests.ContainsKey(name))
            {
                requests[name] = limit?.DeepClone();
            }
        }
    }
}
