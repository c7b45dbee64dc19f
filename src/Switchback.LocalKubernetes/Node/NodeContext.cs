using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Logs;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node;

/// <summary>What all pods of the node share.</summary>
internal sealed record NodeContext(ObjectStore Store, INodeNetwork Network, NodeAgentOptions Options, EventRecorder Events, ContainerLogs Logs, ILogger Logger)
{
    /// <summary>The one node's name.</summary>
    public const string NodeName = "switchback";

    public string PodDirectory(string uid) => Path.Combine(Options.Directory, "pods", uid);

    /// <summary>Removes a pod's volumes and scripts; what cannot be removed is logged and left.</summary>
    public void RemovePodDirectory(string uid)
    {
        var directory = PodDirectory(uid);
        try
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            NodeLog.DirectoryLeft(Logger, directory, exception.Message);
        }
    }

    /// <summary>Tells the API that a deleted pod has ended: its object goes.</summary>
    public void ConfirmDeletion(JsonObject pod)
    {
        try
        {
            Store.Delete(ResourceTypes.Pod, pod.Namespace(), pod.Name(), DeleteOptions.Now with { Uid = pod.Uid() });
        }
        catch (StatusException exception) when (exception.Code is 404 or 409)
        {
            // Gone already, or another pod has the name by now.
        }
    }
}
