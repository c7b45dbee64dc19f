namespace Switchback.LocalKubernetes.Node.Logs;

/// <summary>The logs of the node's containers, for the API server's log endpoint.</summary>
internal interface IContainerLogs
{
    /// <summary>
    /// Finds the log of a container's current run, or of the one before it; null where there is none (not started yet, never restarted).
    /// A log that was found stays readable to its end when its pod is deleted.
    /// </summary>
    /// <param name="podUid">The pod's <c>metadata.uid</c>.</param>
    /// <param name="container">The container's or init container's name.</param>
    /// <param name="previous">Whether the run before the current one is meant.</param>
    ContainerLog? Find(string podUid, string container, bool previous);
}
