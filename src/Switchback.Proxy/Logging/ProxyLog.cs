using Microsoft.Extensions.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Logging;

/// <summary>Every line the proxy logs. Ids are stable. Nothing here takes a credential.</summary>
internal static partial class ProxyLog
{
    [LoggerMessage(1, LogLevel.Information, "Starting proxy version {version}")]
    public static partial void Starting(this ILogger log, string version);

    [LoggerMessage(2, LogLevel.Information, "Listening on {listen} for broker {broker}, advertised as {advertised}")]
    public static partial void Listening(this ILogger log, HostPort listen, HostPort broker, HostPort advertised);

    [LoggerMessage(3, LogLevel.Information, "Broker {nodeId} is now at {broker}; its listener stays {advertised}")]
    public static partial void BrokerMoved(this ILogger log, int nodeId, HostPort broker, HostPort advertised);

    [LoggerMessage(9, LogLevel.Information, "Broker {nodeId}, last at {broker}, is gone from the cluster: no longer listening on {listen}")]
    public static partial void BrokerGone(this ILogger log, int nodeId, HostPort broker, HostPort listen);

    [LoggerMessage(4, LogLevel.Warning, "Flag --{flag} has no effect here")]
    public static partial void WithoutEffect(this ILogger log, string flag);

    [LoggerMessage(5, LogLevel.Warning, "TLS to the brokers is NOT verified (--tls-insecure-skip-verify): whoever is on the way can read and change everything, the credentials included")]
    public static partial void NotVerified(this ILogger log);

    [LoggerMessage(6, LogLevel.Warning, "The SASL password is sent to the brokers in clear text: PLAIN without --tls-enable")]
    public static partial void PlainWithoutTls(this ILogger log);

    [LoggerMessage(7, LogLevel.Information, "HTTP endpoints on {address}")]
    public static partial void HttpListening(this ILogger log, HostPort address);

    [LoggerMessage(8, LogLevel.Warning, "{reason}")]
    public static partial void NoListener(this ILogger log, string reason);

    [LoggerMessage(10, LogLevel.Information, "Ready: {broker} is reached{how}")]
    public static partial void Ready(this ILogger log, HostPort broker, string how);

    [LoggerMessage(11, LogLevel.Warning, "Not ready: {reason}")]
    public static partial void NotReady(this ILogger log, string reason);

    [LoggerMessage(12, LogLevel.Warning, "{broker} cannot be reached: {reason}; further failures of the same kind are logged at debug until it is reached again")]
    public static partial void CannotReach(this ILogger log, HostPort broker, string reason);

    [LoggerMessage(13, LogLevel.Debug, "{broker} cannot be reached: {reason}")]
    public static partial void StillCannotReach(this ILogger log, HostPort broker, string reason);

    [LoggerMessage(14, LogLevel.Information, "{broker} is reached again")]
    public static partial void ReachedAgain(this ILogger log, HostPort broker);

    [LoggerMessage(15, LogLevel.Information, "{broker} cannot be reached, connected to {other} instead")]
    public static partial void ConnectedInstead(this ILogger log, HostPort broker, HostPort other);

    [LoggerMessage(20, LogLevel.Debug, "Client {client} connected to {broker}")]
    public static partial void ClientConnected(this ILogger log, string client, HostPort broker);

    [LoggerMessage(21, LogLevel.Debug, "Client {client} disconnected from {broker}: {reason}")]
    public static partial void ClientDisconnected(this ILogger log, string client, HostPort broker, string reason);

    [LoggerMessage(22, LogLevel.Warning, "Closed the connection of {client} to {broker}: {reason}")]
    public static partial void ConnectionClosed(this ILogger log, string client, HostPort broker, string reason);

    [LoggerMessage(23, LogLevel.Error, "Closed the connection of {client} to {broker}: unexpected failure")]
    public static partial void ConnectionFailed(this ILogger log, Exception exception, string client, HostPort broker);

    [LoggerMessage(24, LogLevel.Warning, "Accepting on {listen} failed: {reason}")]
    public static partial void AcceptFailed(this ILogger log, HostPort listen, string reason);

    [LoggerMessage(25, LogLevel.Information, "Refused {api} (key {key}) of {client}: forbidden by --forbidden-api-keys")]
    public static partial void Forbidden(this ILogger log, string api, short key, string client);

    [LoggerMessage(26, LogLevel.Debug, "Authenticated {client}'s session to {broker} again before it expired")]
    public static partial void Reauthenticated(this ILogger log, string client, HostPort broker);

    [LoggerMessage(27, LogLevel.Error, "A background task failed and begins again")]
    public static partial void BackgroundFailed(this ILogger log, Exception exception);

    [LoggerMessage(30, LogLevel.Information, "{file} changed and authenticates: taken")]
    public static partial void CredentialsTaken(this ILogger log, string file);

    [LoggerMessage(31, LogLevel.Warning, "{file} changed and is not taken, the previous credentials stay: {reason}")]
    public static partial void CredentialsKept(this ILogger log, string file, string reason);

    [LoggerMessage(32, LogLevel.Information, "TLS files of {side} changed: taken")]
    public static partial void TlsFilesTaken(this ILogger log, string side);

    [LoggerMessage(33, LogLevel.Warning, "TLS files of {side} changed and are not taken, the previous ones stay: {reason}")]
    public static partial void TlsFilesKept(this ILogger log, string side, string reason);

    [LoggerMessage(40, LogLevel.Information, "Draining: {connections} client connections open; ends when none has been open for {quietMs} ms, at the latest in {graceMs} ms")]
    public static partial void Draining(this ILogger log, int connections, long quietMs, long graceMs);

    [LoggerMessage(41, LogLevel.Information, "Drained")]
    public static partial void Drained(this ILogger log);

    [LoggerMessage(42, LogLevel.Warning, "The grace period ended with {connections} client connections open")]
    public static partial void GracePeriodEnded(this ILogger log, int connections);
}
