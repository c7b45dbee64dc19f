using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Containers;

/// <summary>Looks up what a pod refers to in its namespace: ConfigMaps and Secrets, as bytes by key.</summary>
internal sealed class ConfigReferences(ObjectStore store, string ns)
{
    /// <summary>The entries of a ConfigMap; null where there is none of that name.</summary>
    public IReadOnlyDictionary<string, byte[]>? ConfigMap(string name)
    {
        if (store.Find(ResourceTypes.ConfigMap, ns, name) is not { } map)
        {
            return null;
        }

        var entries = new Dictionary<string, byte[]>();
        foreach (var (key, value) in map.Object("data") ?? [])
        {
            entries[key] = Encoding.UTF8.GetBytes(value?.ToString() ?? "");
        }

        AddBase64(entries, map.Object("binaryData"));
        return entries;
    }

    /// <summary>The entries of a Secret; null where there is none of that name.</summary>
    public IReadOnlyDictionary<string, byte[]>? Secret(string name)
    {
        if (store.Find(ResourceTypes.Secret, ns, name) is not { } secret)
        {
            return null;
        }

        var entries = new Dictionary<string, byte[]>();
        AddBase64(entries, secret.Object("data"));
        return entries;
    }

    private static void AddBase64(Dictionary<string, byte[]> entries, JsonObject? data)
    {
        foreach (var (key, value) in data ?? [])
        {
            try
            {
                entries[key] = Convert.FromBase64String(value?.ToString() ?? "");
            }
            catch (FormatException)
            {
                throw new ContainerConfigException($"key {key} is not base64");
            }
        }
    }
}
