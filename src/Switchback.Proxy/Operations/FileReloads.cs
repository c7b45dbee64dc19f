using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Operations;

/// <summary>
/// Takes changed files while running: TLS files as often as their refresh flags say, the JAAS file once its credentials have authenticated against the present upstream.
/// In a failover by ConfigMap that file belongs to the next cluster while this process still serves the old one. Files are compared by content, because
/// Kubernetes swaps them behind symbolic links.
/// </summary>
internal sealed class FileReloads(
    ProxySettings settings, UpstreamConnector connector, BrokerTls? brokerTls, ListenerTls? listenerTls, BrokerListeners listeners, ILogger log)
{
    private static readonly TimeSpan JaasPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TrialTimeout = TimeSpan.FromSeconds(5);

    // As they are before anybody is served: whoever changes a file later changes it from this.
    private readonly string _brokerFiles = Fingerprint(brokerTls?.Files ?? []);
    private readonly string _listenerFiles = Fingerprint(listenerTls?.Files ?? []);
    private readonly string _jaasFile = Fingerprint(connector.Credentials is { JaasFile: { } jaas } ? [jaas] : []);

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
        WatchAsync(brokerTls?.Files, _brokerFiles, settings.BrokerTls?.Refresh ?? TimeSpan.Zero, () => Reload("broker connections", brokerTls!.Reload), cancellation),
        WatchAsync(listenerTls?.Files, _listenerFiles, settings.ListenerTls?.Refresh ?? TimeSpan.Zero, () => Reload("the listener", listenerTls!.Reload), cancellation),
        connector.Credentials is { JaasFile: { } file } credentials
            ? WatchAsync([file], _jaasFile, JaasPeriod, () => TryCredentialsAsync(credentials, file, cancellation), cancellation)
            : Task.CompletedTask);

    /// <summary>Calls <paramref name="changed"/> for a change, and again at every period until it answers true.</summary>
    private static async Task WatchAsync(IEnumerable<string>? files, string taken, TimeSpan period, Func<Task<bool>> changed, CancellationToken cancellation)
    {
        if (files is null || period <= TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(period);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            var now = Fingerprint(files);
            if (now != taken && await changed().ConfigureAwait(false))
            {
                taken = now;
            }
        }
    }

    private static string Fingerprint(IEnumerable<string> files) => string.Join(' ', files.Select(file =>
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return unreadable.GetType().Name;
        }
    }));

    private Task<bool> Reload(string side, Action reload)
    {
        try
        {
            reload();
            log.TlsFilesTaken(side);
        }
        catch (InvalidDataException wrong)
        {
            log.TlsFilesKept(side, wrong.Message);
        }

        return Task.FromResult(true);
    }

    private string? _lastRefusal;

    private async Task<bool> TryCredentialsAsync(Credentials credentials, string file, CancellationToken cancellation)
    {
        string reason;
        try
        {
            var candidate = Jaas.ReadFile(file);
            if (candidate == credentials.Current)
            {
                return true;
            }

            using var trial = await TryAnyAsync(candidate, cancellation).ConfigureAwait(false);
            credentials.Current = candidate;
            _lastRefusal = null;
            log.CredentialsTaken(file);
            return true;
        }
        catch (InvalidDataException wrong)
        {
            reason = wrong.Message;
        }
        catch (UpstreamException refused)
        {
            reason = refused.Message;
        }

        if (_lastRefusal != reason)
        {
            log.CredentialsKept(file, reason);
            _lastRefusal = reason;
        }

        return false;
    }

    private async Task<UpstreamConnection> TryAnyAsync(SaslCredentials candidate, CancellationToken cancellation)
    {
        UpstreamException? last = null;
        foreach (var broker in listeners.KnownBrokers)
        {
            try
            {
                return await connector.ConnectAsync(broker, candidate, TrialTimeout, cancellation).ConfigureAwait(false);
            }
            catch (UpstreamException failed) when (!failed.RefusedCredentials)
            {
                last = failed;
            }
        }

        throw last ?? new UpstreamException("no broker is known");
    }
}
