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
}
