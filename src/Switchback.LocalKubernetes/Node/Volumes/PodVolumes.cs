using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Containers;
using Switchback.LocalKubernetes.Node.Processes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Volumes;

/// <summary>
/// A pod's volumes on the node's disk, and where each container sees them. With mount namespaces a volume is written once and bound to each mount path.
/// Without, each container has its own copy of what comes from the API, in which its ports and mount paths are replaced by the real ones, and
/// <see cref="Paths"/> says which paths to replace in its arguments and variables.
/// </summary>
internal sealed class PodVolumes(JsonObject pod, string directory, IPodNetwork network, ConfigReferences references, IServiceAccountTokens tokens)
{
    /// <summary>Where every pod finds its token.</summary>
    public const string ServiceAccountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    private const string ServiceAccountVolume = "kube-api-access";

    private readonly Dictionary<string, JsonObject> _volumes = Volumes(pod);

    private bool Shared => network.SandboxProcessId is null;

    /// <summary>Writes everything the pod mounts; again after a change of what it refers to.</summary>
    /// <returns>Whether any file changed.</returns>
    /// <exception cref="ContainerConfigException">Something that is not optional is missing, or a kind of volume is not known here.</exception>
    public bool Write()
    {
        var content = new VolumeContent(pod, references, tokens);
        var changed = false;
        foreach (var (name, volume) in _volumes)
        {
            try
            {
                changed |= Write(name, volume, content);
            }
            catch (ContainerConfigException exception)
            {
                throw new ContainerConfigException($"MountVolume.SetUp failed for volume \"{name}\" : {exception.Message}");
            }
        }

        return changed;
    }

    /// <summary>The container's mounts, for the launcher; none on the shared network.</summary>
    public IReadOnlyList<ContainerMount> Mounts(JsonObject container, IReadOnlyDictionary<string, string> variables) =>
        Shared ? [] : [.. ContainerMounts(container).Select(mount => new ContainerMount(Source(container, mount.Mount, mount.Index, variables), mount.Path, ReadOnly(mount.Mount)))];

    /// <summary>On the shared network: each mount path with the real one.</summary>
    public IReadOnlyDictionary<string, string> Paths(JsonObject container, IReadOnlyDictionary<string, string> variables) => !Shared
        ? new Dictionary<string, string>()
        : ContainerMounts(container).ToDictionary(mount => mount.Path, mount => Source(container, mount.Mount, mount.Index, variables));

    private static Dictionary<string, JsonObject> Volumes(JsonObject pod)
    {
        var volumes = pod.Items("spec", "volumes").ToDictionary(volume => volume.Text("name") ?? "");
        if (pod.Flag("spec", "automountServiceAccountToken") != false)
        {
            volumes.TryAdd(ServiceAccountVolume, new JsonObject
            {
                ["projected"] = new JsonObject
                {
                    ["sources"] = new JsonArray(
                        new JsonObject { ["serviceAccountToken"] = new JsonObject { ["path"] = "token", ["expirationSeconds"] = 3607 } },
                        new JsonObject { ["configMap"] = new JsonObject { ["name"] = "kube-root-ca.crt", ["optional"] = true } },
                        new JsonObject
                        {
                            ["downwardAPI"] = new JsonObject
                            {
                                ["items"] = new JsonArray(new JsonObject { ["path"] = "namespace", ["fieldRef"] = new JsonObject { ["fieldPath"] = "metadata.namespace" } }),
                            },
                        }),
                },
            });
        }

        return volumes;
    }

    private bool Write(string name, JsonObject volume, VolumeContent content)
    {
        if (volume.Object("emptyDir") is not null)
        {
            var path = Directory.CreateDirectory(VolumePath(name)).FullName;
            File.SetUnixFileMode(path, (UnixFileMode)511);
            return false;
        }

        if (volume.Object("hostPath") is { } host)
        {
            var path = host.Text("path") ?? "";
            if (host.Text("type") == "DirectoryOrCreate")
            {
                Directory.CreateDirectory(path);
            }

            return Path.Exists(path) ? false : throw new ContainerConfigException($"hostPath type check failed: {path} does not exist");
        }

        if (!VolumeContent.IsFromApi(volume))
        {
            throw new ContainerConfigException("the embedded node knows configMap, secret, downwardAPI, projected, emptyDir and hostPath volumes");
        }

        var files = content.Files(volume);
        if (!Shared)
        {
            return AtomicDirectory.Write(VolumePath(name), files);
        }

        var changed = false;
        foreach (var container in AllContainers())
        {
            foreach (var mount in ContainerMounts(container).Where(mount => mount.Mount.Text("name") == name && mount.Mount.Text("subPath") is null))
            {
                changed |= AtomicDirectory.Write(CopyPath(container, mount.Index), [.. files.Select(file => file with { Content = Replace(container, file.Content) })]);
            }
        }

        return AtomicDirectory.Write(VolumePath(name), files) || changed;
    }

    /// <summary>Only texts are replaced in; a key store stays what it is.</summary>
    private byte[] Replace(JsonObject container, byte[] content)
    {
        if (content.AsSpan().Contains((byte)0))
        {
            return content;
        }

        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
            var replaced = PathText.Replace(PortText.Replace(text, network.Ports), ContainerMounts(container).ToDictionary(mount => mount.Path, mount => CopyOrVolume(container, mount.Mount, mount.Index)));
            return replaced == text ? content : Encoding.UTF8.GetBytes(replaced);
        }
        catch (DecoderFallbackException)
        {
            return content;
        }
    }

    private IEnumerable<JsonObject> AllContainers() => pod.Items("spec", "initContainers").Concat(pod.Items("spec", "containers"));

    private IEnumerable<(JsonObject Mount, string Path, int Index)> ContainerMounts(JsonObject container)
    {
        var mounts = container.Items("volumeMounts").ToList();
        if (_volumes.ContainsKey(ServiceAccountVolume) && !mounts.Exists(mount => mount.Text("mountPath")?.TrimEnd('/') == ServiceAccountPath))
        {
            mounts.Add(new JsonObject { ["name"] = ServiceAccountVolume, ["mountPath"] = ServiceAccountPath, ["readOnly"] = true });
        }

        return mounts.Select((mount, index) => (mount, Path.Join("/", (mount.Text("mountPath") ?? "").Trim('/')), index));
    }

    private bool ReadOnly(JsonObject mount) => mount.Flag("readOnly") == true
        || (_volumes.TryGetValue(mount.Text("name") ?? "", out var volume) && VolumeContent.IsFromApi(volume));

    private string Source(JsonObject container, JsonObject mount, int index, IReadOnlyDictionary<string, string> variables)
    {
        var below = mount.Text("subPathExpr") is { Length: > 0 } expression ? VariableExpansion.Expand(expression, variables) : mount.Text("subPath");
        if (string.IsNullOrEmpty(below))
        {
            return CopyOrVolume(container, mount, index);
        }

        var name = mount.Text("name") ?? "";
        var whole = VolumePath(name);
        var path = Path.GetFullPath(Path.Combine(whole, below));
        if (!path.StartsWith(whole + "/", StringComparison.Ordinal))
        {
            throw new ContainerConfigException($"subPath {below} leaves the volume {name}");
        }

        if (!VolumeContent.IsFromApi(_volumes[name]))
        {
            if (!Path.Exists(path))
            {
                Directory.CreateDirectory(path);
            }

            return path;
        }

        if (!Path.Exists(path))
        {
            throw new ContainerConfigException($"failed to prepare subPath for volumeMount \"{name}\" of container \"{container.Text("name")}\"");
        }

        // The file as it is at the container's start: a mount of one file does not follow the volume's updates.
        var copy = CopyPath(container, index);
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
        File.WriteAllBytes(copy, Shared ? Replace(container, File.ReadAllBytes(path)) : File.ReadAllBytes(path));
        File.SetUnixFileMode(copy, File.GetUnixFileMode(new FileInfo(path).ResolveLinkTarget(true)?.FullName ?? path));
        return copy;
    }

    private string CopyOrVolume(JsonObject container, JsonObject mount, int index)
    {
        var name = mount.Text("name") ?? "";
        if (!_volumes.TryGetValue(name, out var volume))
        {
            throw new ContainerConfigException($"volume \"{name}\" not found");
        }

        if (volume.Object("hostPath") is { } host)
        {
            return host.Text("path") ?? "/";
        }

        return Shared && VolumeContent.IsFromApi(volume) ? CopyPath(container, index) : VolumePath(name);
    }

    private string VolumePath(string name) => Path.Combine(directory, "volumes", name);

    private string CopyPath(JsonObject container, int index) =>
        Path.Combine(directory, "containers", container.Text("name") ?? "", "mounts", index.ToString(CultureInfo.InvariantCulture));
}
