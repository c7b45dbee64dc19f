using Microsoft.Extensions.Logging;

namespace Switchback.LocalKubernetes.Api;

/// <summary>What the API server and the controllers beside it log.</summary>
internal static partial class ApiLog
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "{Method} {Path}{Query} by {User}: {Code}")]
    public static partial void Answered(ILogger logger, string method, string path, string query, string user, int code);

    [LoggerMessage(3, LogLevel.Error, "{Controller} failed and tries again")]
    public static partial void ControllerFailed(ILogger logger, string controller, Exception exception);
}
