using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Node.Containers;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Volumes;

/// <summary>Collects the files of volumes whose content comes from the API: configMap, secret, downwardAPI, projected.</summary>
internal sealed class VolumeContent(JsonObject pod, ConfigReferences references, IServiceAccountTokens tokens)
{
    private const int DefaultMode = 420;

    /// <summary>Whether the volume is of a kind that this class knows.</summary>
    public static bool IsFromApi(JsonObject volume) => volume.Object("configMap") is not null || volume.Object("secret") is not null
        || volume.Object("downwardAPI") is not null || volume.Object("projected") is not null;

    /// <summary>The volume's files.</summary>
    /// <exception cref="ContainerConfigException">Something it refers to, and that is not optional, is missing.</exception>
    public IReadOnlyCollection<VolumeFile> Files(JsonObject volume)
    {
        var files = new Dictionary<string, VolumeFile>();
        if (volume.Object("projected") is { } projected)
        {
            var mode = projected.Number("defaultMode") ?? DefaultMode;
            foreach (var source in projected.Items("sources"))
            {
                AddSource(files, source, mode);
            }
        }
        else
        {
            AddSource(files, volume, DefaultMode);
        }

        return files.Values;
    }

    private void AddSource(Dictionary<string, VolumeFile> files, JsonObject source, long defaultMode)
    {
        if (source.Object("configMap") is { } map)
        {
            var name = map.Text("name") ?? "";
            AddEntries(files, references.ConfigMap(name), map, $"configmap \"{name}\"", map.Number("defaultMode") ?? defaultMode);
        }

        if (source.Object("secret") is { } secret)
        {
            // A volume says secretName, a projection's source says name.
            var name = secret.Text("secretName") ?? secret.Text("name") ?? "";
            AddEntries(files, references.Secret(name), secret, $"secret \"{name}\"", secret.Number("defaultMode") ?? defaultMode);
        }

        if (source.Object("downwardAPI") is { } downward)
        {
            foreach (var item in downward.Items("items"))
            {
                var text = item.Object("fieldRef") is { } field
                    ? DownwardFields.Field(pod, field.Text("fieldPath") ?? "")
                    : DownwardFields.Resource(pod, item.Object("resourceFieldRef") ?? [], null);
                Add(files, item.Text("path") ?? "", Encoding.UTF8.GetBytes(text), item.Number("mode") ?? downward.Number("defaultMode") ?? defaultMode);
            }
        }

        if (source.Object("serviceAccountToken") is { } token)
        {
            var text = tokens.Issue(pod, token.Text("audience"), token.Number("expirationSeconds") ?? 3600);
            Add(files, token.Text("path") ?? "token", Encoding.UTF8.GetBytes(text), defaultMode);
        }
    }

    private static void AddEntries(Dictionary<string, VolumeFile> files, IReadOnlyDictionary<string, byte[]>? entries, JsonObject source, string title, long defaultMode)
    {
        var optional = source.Flag("optional") == true;
        if (entries is null)
        {
            if (optional)
            {
                return;
            }

            throw new ContainerConfigException($"{title} not found");
        }

        var items = source.Items("items").ToList();
        if (items.Count == 0)
        {
            foreach (var (key, content) in entries)
            {
                Add(files, key, content, defaultMode);
            }

            return;
        }

        foreach (var item in items)
        {
            var key = item.Text("key") ?? "";
            if (entries.TryGetValue(key, out var content))
            {
                Add(files, item.Text("path") ?? key, content, item.Number("mode") ?? defaultMode);
            }
            else if (!optional)
            {
                throw new ContainerConfigException($"{title[..title.IndexOf(' ', StringComparison.Ordinal)]} references non-existent config key: {key}");
            }
        }
    }

    private static void Add(Dictionary<string, VolumeFile> files, string path, byte[] content, long mode)
    {
        if (path.Length == 0 || Path.IsPathRooted(path) || path.Split('/').Any(part => part is ".." or ""))
        {
            throw new ContainerConfigException($"invalid path in a volume: \"{path}\"");
        }

        files[path] = new VolumeFile(path, content, (UnixFileMode)(mode & 511));
    }
}
