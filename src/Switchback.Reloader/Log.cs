using Microsoft.Extensions.Logging;

namespace Switchback.Reloader;

/// <summary>Every line the reloader logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Changes detected in {Resources} in namespace '{Namespace}'; updated '{Workload}' of type '{Kind}' in namespace '{Namespace2}'")]
    public static partial void Rolled(ILogger log, string resources, string @namespace, string workload, string kind, string namespace2);

    [LoggerMessage(2, LogLevel.Error, "Update for '{Workload}' of type '{Kind}' in namespace '{Namespace}' failed, next attempt in {Pause}: {Error}")]
    public static partial void RollFailed(ILogger log, string workload, string kind, string @namespace, TimeSpan pause, string error);

    [LoggerMessage(EventId = 3, Message = "{Kind}: the API server failed, next attempt in {Pause}: {Error}")]
    public static partial void WatchFailed(ILogger log, LogLevel level, string kind, TimeSpan pause, string error);

    [LoggerMessage(4, LogLevel.Warning, "{Workload}: {Complaint}")]
    public static partial void BadAnnotation(ILogger log, string workload, string complaint);

    [LoggerMessage(5, LogLevel.Information, "Watching {Kinds} in {Namespaces}")]
    public static partial void Watching(ILogger log, string kinds, string namespaces);

    [LoggerMessage(6, LogLevel.Information, "Resumed Deployment '{Name}' in namespace '{Namespace}'")]
    public static partial void Resumed(ILogger log, string name, string @namespace);

    [LoggerMessage(7, LogLevel.Information, "{Identity} {Change} leadership")]
    public static partial void Leadership(ILogger log, string identity, string change);

    [LoggerMessage(8, LogLevel.Warning, "Leader election: {Error}")]
    public static partial void LeadershipFailed(ILogger log, string error);

    [LoggerMessage(9, LogLevel.Debug, "Event on {Workload} was not written: {Error}")]
    public static partial void EventNotWritten(ILogger log, string workload, string error);

    [LoggerMessage(10, LogLevel.Debug, "{Workload}: remembering what its pods run with")]
    public static partial void Remembering(ILogger log, string workload);

    [LoggerMessage(11, LogLevel.Information, "Changes detected in '{Name}' of type '{Kind}' in namespace '{Namespace}', sending webhook to '{Address}'")]
    public static partial void Webhook(ILogger log, string name, string kind, string @namespace, string address);

    [LoggerMessage(12, LogLevel.Warning, "Webhook '{Address}' failed, next attempt in {Pause}: {Error}")]
    public static partial void WebhookFailed(ILogger log, string address, TimeSpan pause, string error);

    [LoggerMessage(13, LogLevel.Debug, "{Workload}: what its pods run with cannot be written on it ({Error}); it is remembered as long as this process runs")]
    public static partial void NotRemembered(ILogger log, string workload, string error);
}
