using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Node.Images;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Network;

/// <summary>
/// Which ports a pod's specification makes its own: those its containers declare, those its probes ask, those its images listen on by
/// themselves, and those it names in literal arguments and variables as this machine's. What comes from a ConfigMap or a Secret does not
/// count: there a <c>127.0.0.1:PORT</c> may well be a broker on the node.
/// </summary>
internal static class PodPorts
{
    public static IReadOnlyCollection<int> Of(JsonObject pod, Func<string, Image?> images)
    {
        var ports = new SortedSet<int>();
        foreach (var container in pod.Items("spec", "initContainers").Concat(pod.Items("spec", "containers")))
        {
            ports.UnionWith(container.Items("ports").Select(port => (int)(port.Number("containerPort") ?? 0)));
            ports.UnionWith(Handlers(container).Select(handler => (int)(handler.Number("port") ?? 0)));
            ports.UnionWith(Texts(container).SelectMany(PortText.Find));
            if (images(container.Text("image") ?? "") is { } image)
            {
                ports.UnionWith(image.Ports.Select(port => port.Port));
                ports.UnionWith(image.Arguments.SelectMany(PortText.Find));
            }
        }

        ports.Remove(0);
        return ports;
    }

    /// <summary>The HTTP and TCP actions of probes and hooks that go to the pod itself.</summary>
    private static IEnumerable<JsonObject> Handlers(JsonObject container) =>
        new[] { container.Object("startupProbe"), container.Object("livenessProbe"), container.Object("readinessProbe"), container.Object("lifecycle", "postStart"), container.Object("lifecycle", "preStop") }
            .SelectMany(probe => new[] { probe?.Object("httpGet"), probe?.Object("tcpSocket") })
            .OfType<JsonObject>().Where(handler => string.IsNullOrEmpty(handler.Text("host")));

    private static IEnumerable<string> Texts(JsonObject container) =>
        new[] { container.At("command"), container.At("args") }.SelectMany(list => (list as JsonArray)?.Select(item => item?.ToString() ?? "") ?? [])
            .Concat(container.Items("env").Select(variable => variable.Text("value") ?? ""));
}
