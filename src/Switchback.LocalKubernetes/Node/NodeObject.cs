using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node;

/// <summary>The API's picture of the one node.</summary>
internal static class NodeObject
{
    /// <summary>Tells a client which network the pods run on: <c>namespaces</c> or <c>shared</c>.</summary>
    public const string NetworkAnnotation = "switchback.dev/network";

    /// <summary>Creates or renews the object.</summary>
    public static void Register(ObjectStore store, INodeNetwork network)
    {
        if (store.Find(ResourceTypes.Node, "", NodeContext.NodeName) is null)
        {
            store.Create(ResourceTypes.Node, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = NodeContext.NodeName },
                ["spec"] = new JsonObject(),
            });
        }

        store.Mutate(ResourceTypes.Node, "", NodeContext.NodeName, node =>
        {
            var architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
            var labels = node.Ensure("metadata", "labels");
            labels["kubernetes.io/hostname"] = NodeContext.NodeName;
            labels["kubernetes.io/os"] = "linux";
            labels["kubernetes.io/arch"] = architecture;
            node.Ensure("metadata", "annotations")[NetworkAnnotation] = network.Mode;
            node["status"] = Status(network, architecture);
            return true;
        });
    }

    private static JsonObject Status(INodeNetwork network, string architecture)
    {
        var now = DateTimeOffset.UtcNow.ToTimestamp();
        return new JsonObject
        {
            ["addresses"] = new JsonArray(
                new JsonObject { ["type"] = "InternalIP", ["address"] = network.NodeAddress.ToString() },
                new JsonObject { ["type"] = "Hostname", ["address"] = NodeContext.NodeName }),
            ["capacity"] = Capacity(),
            ["allocatable"] = Capacity(),
            ["conditions"] = new JsonArray(
                Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", now),
                Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", now),
                Condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", now),
                Condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", now)),
            ["nodeInfo"] = new JsonObject
            {
                ["architecture"] = architecture,
                ["bootID"] = "",
                ["containerRuntimeVersion"] = "switchback://1",
                ["kernelVersion"] = Environment.OSVersion.Version.ToString(),
                ["kubeProxyVersion"] = "v1.32.0",
                ["kubeletVersion"] = "v1.32.0",
                ["machineID"] = "",
                ["operatingSystem"] = "linux",
                ["osImage"] = RuntimeInformation.OSDescription,
                ["systemUUID"] = "",
            },
        };
    }

    private static JsonObject Capacity() => new()
    {
        ["cpu"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        ["memory"] = (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024).ToString(CultureInfo.InvariantCulture) + "Ki",
        ["pods"] = "253",
    };

    private static JsonObject Condition(string type, string status, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = status,
        ["lastHeartbeatTime"] = now,
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}
