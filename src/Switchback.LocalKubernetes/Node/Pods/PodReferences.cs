using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>Which ConfigMaps and Secrets of its namespace a pod refers to, so that it hears of their changes and of no others.</summary>
internal static class PodReferences
{
    public static IReadOnlySet<(ResourceType Type, string Name)> Of(JsonObject pod)
    {
        var found = new HashSet<(ResourceType, string)> { (ResourceTypes.ConfigMap, "kube-root-ca.crt") };
        foreach (var volume in pod.Items("spec", "volumes"))
        {
            AddSource(found, volume);
            foreach (var source in volume.Items("projected", "sources"))
            {
                AddSource(found, source);
            }
        }

        foreach (var container in pod.Items("spec", "initContainers").Concat(pod.Items("spec", "containers")))
        {
            foreach (var source in container.Items("envFrom"))
            {
                Add(found, ResourceTypes.ConfigMap, source.Text("configMapRef", "name"));
                Add(found, ResourceTypes.Secret, source.Text("secretRef", "name"));
            }

            foreach (var variable in container.Items("env"))
            {
                Add(found, ResourceTypes.ConfigMap, variable.Text("valueFrom", "configMapKeyRef", "name"));
                Add(found, ResourceTypes.Secret, variable.Text("valueFrom", "secretKeyRef", "name"));
            }
        }

        return found;
    }

    private static void AddSource(HashSet<(ResourceType, string)> found, JsonObject source)
    {
        Add(found, ResourceTypes.ConfigMap, source.Text("configMap", "name"));
        Add(found, ResourceTypes.Secret, source.Text("secret", "secretName") ?? source.Text("secret", "name"));
    }

    private static void Add(HashSet<(ResourceType, string)> found, ResourceType type, string? name)
    {
        if (name is not null)
        {
            found.Add((type, name));
        }
    }
}
