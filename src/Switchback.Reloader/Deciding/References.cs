using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Deciding;

/// <summary>
/// Which ConfigMaps and Secrets the containers of a pod template use - mounted (projected too), <c>env.valueFrom</c>, <c>envFrom</c> - and which container
/// carries the variable for each: the first that uses it; for a use by an init container the first regular one.
/// </summary>
internal sealed class References
{
    private readonly Dictionary<ResourceRef, string> containers;
    private readonly string? first;

    private References(Dictionary<ResourceRef, string> containers, string? first)
    {
        this.containers = containers;
        this.first = first;
    }

    public IEnumerable<ResourceRef> All => containers.Keys;

    public bool Contains(ResourceRef resource) => containers.ContainsKey(resource);

    /// <summary>The container for the variable, the first regular one for what is only named; null for a template without containers.</summary>
    public string? Container(ResourceRef resource) => containers.GetValueOrDefault(resource) ?? first;

    public static References Read(JsonObject? template)
    {
        var spec = template?.Object("spec") ?? [];
        var regular = spec.Items("containers").ToList();
        var initial = spec.Items("initContainers").ToList();
        var first = regular.FirstOrDefault()?.Text("name");
        var found = new Dictionary<ResourceRef, string>();
        if (first is null)
        {
            return new References(found, null);
        }

        // Mounts come before variables, and regular containers before init containers: the order decides who carries the variable.
        var volumes = spec.Items("volumes").SelectMany(Volume).ToList();
        foreach (var (containerOf, uses) in (ReadOnlySpan<(Func<JsonObject, string>, Func<JsonObject, IEnumerable<ResourceRef>>)>)
        [
            (Self, container => Mounted(container, volumes)),
            (Self, Variables),
        ])
        {
            Collect(regular, containerOf, uses, found);
            Collect(initial, _ => first, uses, found);
        }

        return new References(found, first);
    }

    private static string Self(JsonObject container) => container.Text("name") ?? "";

    private static void Collect(
        List<JsonObject> group, Func<JsonObject, string> containerOf, Func<JsonObject, IEnumerable<ResourceRef>> uses, Dictionary<ResourceRef, string> found)
    {
        foreach (var container in group)
        {
            foreach (var resource in uses(container))
            {
                found.TryAdd(resource, containerOf(container));
            }
        }
    }

    private static IEnumerable<(string Volume, ResourceRef Resource)> Volume(JsonObject volume)
    {
        var name = volume.Text("name") ?? "";
        foreach (var source in volume.Items("projected", "sources").Prepend(volume))
        {
            if (source.Text("configMap", "name") is { } configMap)
            {
                yield return (name, new ResourceRef(ResourceKind.ConfigMap, configMap));
            }

            // A volume says secretName, a projected source says name.
            if ((source.Text("secret", "secretName") ?? source.Text("secret", "name")) is { } secret)
            {
                yield return (name, new ResourceRef(ResourceKind.Secret, secret));
            }
        }
    }

    private static IEnumerable<ResourceRef> Mounted(JsonObject container, List<(string Volume, ResourceRef Resource)> volumes)
    {
        var mounts = container.Items("volumeMounts").Select(mount => mount.Text("name")).ToHashSet();
        return volumes.Where(volume => mounts.Contains(volume.Volume)).Select(volume => volume.Resource);
    }

    private static IEnumerable<ResourceRef> Variables(JsonObject container)
    {
        foreach (var variable in container.Items("env"))
        {
            if (variable.Text("valueFrom", "configMapKeyRef", "name") is { } configMap)
            {
                yield return new ResourceRef(ResourceKind.ConfigMap, configMap);
            }

            if (variable.Text("valueFrom", "secretKeyRef", "name") is { } secret)
            {
                yield return new ResourceRef(ResourceKind.Secret, secret);
            }
        }

        foreach (var source in container.Items("envFrom"))
        {
            if (source.Text("configMapRef", "name") is { } configMap)
            {
                yield return new ResourceRef(ResourceKind.ConfigMap, configMap);
            }

            if (source.Text("secretRef", "name") is { } secret)
            {
                yield return new ResourceRef(ResourceKind.Secret, secret);
            }
        }
    }
}
