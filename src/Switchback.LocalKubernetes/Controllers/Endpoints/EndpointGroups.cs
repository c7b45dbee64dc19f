using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Controllers.ReplicaSets;
using Switchback.LocalKubernetes.Node.Pods;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Endpoints;

/// <summary>One port by which a service reaches pods.</summary>
internal sealed record EndpointPort(string Name, int Port, string Protocol, string? AppProtocol);

/// <summary>The pods of a service that are reached by the same ports.</summary>
internal sealed record EndpointGroup(IReadOnlyList<EndpointPort> Ports, IReadOnlyList<JsonObject> Pods);

/// <summary>Finds a service's pods and the ports by which each is reached: a named target can differ from pod to pod, and on the shared network every port does.</summary>
internal static class EndpointGroups
{
    public static IReadOnlyList<EndpointGroup> Of(JsonObject service, IEnumerable<JsonObject> pods) =>
        [.. pods.Where(pod => pod.Text("status", "podIP") is { Length: > 0 } && pod.Text("status", "phase") is not ("Succeeded" or "Failed"))
            .Select(pod => (Pod: pod, Ports: Ports(service, pod)))
            .GroupBy(item => string.Join('|', item.Ports))
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new EndpointGroup(group.First().Ports, [.. group.Select(item => item.Pod).OrderBy(pod => pod.Name(), StringComparer.Ordinal)]))];

    /// <summary>Whether a pod is to be given connections.</summary>
    public static bool IsReady(JsonObject service, JsonObject pod) => service.Flag("spec", "publishNotReadyAddresses") == true || PodState.IsReady(pod);

    private static List<EndpointPort> Ports(JsonObject service, JsonObject pod)
    {
        var real = RealPorts(pod);
        var ports = new List<EndpointPort>();
        foreach (var port in service.Items("spec", "ports"))
        {
            if (Target(port, pod) is { } target)
            {
                ports.Add(new EndpointPort(port.Text("name") ?? "", real.GetValueOrDefault(target, target), port.Text("protocol") ?? "TCP", port.Text("appProtocol")));
            }
        }

        return ports;
    }

    private static int? Target(JsonObject port, JsonObject pod)
    {
        var target = port.At("targetPort");
        if (target is JsonValue value && value.GetValueKind() == JsonValueKind.String && !int.TryParse(value.GetValue<string>(), CultureInfo.InvariantCulture, out _))
        {
            var name = value.GetValue<string>();
            return (int?)pod.Items("spec", "containers").SelectMany(container => container.Items("ports")).FirstOrDefault(one => one.Text("name") == name)?.Number("containerPort");
        }

        return target is not null && int.TryParse(target.ToString(), CultureInfo.InvariantCulture, out var number) && number > 0 ? number : (int?)port.Number("port");
    }

    /// <summary>The node's annotation on pods of the shared network.</summary>
    private static Dictionary<int, int> RealPorts(JsonObject pod)
    {
        var ports = new Dictionary<int, int>();
        foreach (var pair in (pod.Annotation(PodWorker.PortsAnnotation) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('=')))
        {
            if (pair.Length == 2 && int.TryParse(pair[0], CultureInfo.InvariantCulture, out var told) && int.TryParse(pair[1], CultureInfo.InvariantCulture, out var real))
            {
                ports[told] = real;
            }
        }

        return ports;
    }
}
