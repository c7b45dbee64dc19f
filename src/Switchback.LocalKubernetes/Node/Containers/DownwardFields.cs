using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Containers;

/// <summary>What a pod may learn about itself: <c>fieldRef</c> and <c>resourceFieldRef</c>.</summary>
internal static class DownwardFields
{
    /// <summary>The value of a field path, for a variable or a file.</summary>
    /// <exception cref="ContainerConfigException">There is no such field.</exception>
    public static string Field(JsonObject pod, string path)
    {
        var bracket = path.IndexOf("['", StringComparison.Ordinal);
        if (bracket > 0 && path.EndsWith("']", StringComparison.Ordinal))
        {
            var key = path[(bracket + 2)..^2];
            return path[..bracket] switch
            {
                "metadata.labels" => pod.Label(key) ?? "",
                "metadata.annotations" => pod.Annotation(key) ?? "",
                _ => throw Unknown(path),
            };
        }

        return path switch
        {
            "metadata.name" => pod.Name(),
            "metadata.namespace" => pod.Namespace(),
            "metadata.uid" => pod.Uid(),
            "metadata.labels" => Map(pod.Object("metadata", "labels")),
            "metadata.annotations" => Map(pod.Object("metadata", "annotations")),
            "spec.nodeName" => pod.Text("spec", "nodeName") ?? "",
            "spec.serviceAccountName" => pod.Text("spec", "serviceAccountName") ?? "default",
            "status.podIP" => pod.Text("status", "podIP") ?? "",
            "status.podIPs" => pod.Text("status", "podIP") ?? "",
            "status.hostIP" => pod.Text("status", "hostIP") ?? "",
            "status.hostIPs" => pod.Text("status", "hostIP") ?? "",
            _ => throw Unknown(path),
        };
    }

    /// <summary>A container's request or limit, divided and rounded up; a limit that is not set is what the node has.</summary>
    /// <exception cref="ContainerConfigException">There is no such container or resource.</exception>
    public static string Resource(JsonObject pod, JsonObject reference, string? containerName)
    {
        var name = reference.Text("containerName") ?? containerName;
        var container = pod.Items("spec", "containers").Concat(pod.Items("spec", "initContainers")).FirstOrDefault(one => one.Text("name") == name)
            ?? throw new ContainerConfigException($"container {name} not found");
        var path = (reference.Text("resource") ?? "").Split('.', 2);
        if (path.Length != 2 || path[0] is not ("limits" or "requests"))
        {
            throw new ContainerConfigException($"unsupported container resource : {string.Join('.', path)}");
        }

        var text = container.At("resources", path[0], path[1])?.ToString();
        if (text is null || !Quantity.TryParse(text, out var value))
        {
            value = (path[0], path[1]) switch
            {
                ("limits", "cpu") => Environment.ProcessorCount,
                ("limits", "memory") => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
                _ => 0,
            };
        }

        var divisor = reference.At("divisor")?.ToString() is { } told && Quantity.TryParse(told, out var by) && by > 0 ? by : 1;
        return decimal.Ceiling(value / divisor).ToString("0", CultureInfo.InvariantCulture);
    }

    private static string Map(JsonObject? map)
    {
        var lines = new StringBuilder();
        foreach (var (key, value) in (map ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var quoted = (value?.ToString() ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            lines.Append(lines.Length == 0 ? "" : "\n").Append($"{key}=\"{quoted}\"");
        }

        return lines.ToString();
    }

    private static ContainerConfigException Unknown(string path) => new($"unsupported fieldPath: {path}");
}
