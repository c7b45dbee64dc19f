using Microsoft.Extensions.Logging;

namespace Switchback.LocalKubernetes.Node;

internal static partial class NodeLog
{
    [LoggerMessage(2001, LogLevel.Warning, "Could not remove the pod directory {Directory}: {Reason}")]
    public static partial void DirectoryLeft(ILogger logger, string directory, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "The status of pod {Pod} was refused: {Reason}")]
    public static partial void StatusRefused(ILogger logger, string pod, string reason);

    [LoggerMessage(2003, LogLevel.Error, "Pod {Pod} ended unexpectedly on the node")]
    public static partial void PodFailed(ILogger logger, string pod, Exception exception);

    [LoggerMessage(2004, LogLevel.Information, "Node network: {Mode}, node address {Address}")]
    public static partial void Network(ILogger logger, string mode, string address);

    [LoggerMessage(2005, LogLevel.Error, "{Controller} failed on {Key}; it will be tried again")]
    public static partial void ReconcileFailed(ILogger logger, string controller, string key, Exception exception);

    [LoggerMessage(2006, LogLevel.Warning, "Service {Service}: cannot listen on {Address}: {Reason}")]
    public static partial void CannotListen(ILogger logger, string service, string address, string reason);

    [LoggerMessage(2007, LogLevel.Debug, "A watch of {Type} starts again: {Reason}")]
    public static partial void WatchAgain(ILogger logger, string type, string reason);
}
