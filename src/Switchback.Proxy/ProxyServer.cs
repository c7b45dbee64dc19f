using System.Net.Sockets;
using System.Reflection;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Operations;
using Switchback.Proxy.Relay;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy;

/// <summary>The proxy: a Kafka client connects to it in plaintext and without credentials, it connects to the brokers with both. Made by <see cref="Create"/>.</summary>
public sealed class ProxyServer
{
    private readonly ProxySettings _settings;
    private readonly OpenConnections _open = new();
    private readonly LineLogger _log;

    private ProxyServer(ProxySettings settings, Stream logOutput)
    {
        _settings = settings;
        _log = new LineLogger(settings.Log, logOutput);
    }

    /// <summary>The version that <c>proxy version</c> prints and the log names.</summary>
    public static string Version { get; } =
        typeof(ProxyServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Told once, when the mapped listeners and the HTTP endpoints are open: the listeners' addresses, <c>host:port</c>, in the order of the mappings.</summary>
    public Action<IReadOnlyList<string>>? Listening { get; set; }

    /// <summary>
    /// Lets what waits for a socket go on in the thread that the kernel has told, rather than hand it to another, which costs a switch for each part of a message. For a process that is
    /// a proxy and nothing else, before its first socket; nothing on the way of a connection may block its thread. A user's own setting is left as it is.
    /// </summary>
    public static void PreferThroughput()
    {
        const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
        {
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
        }
    }

    /// <summary>
    /// Reads flags (name without dashes, to its values in order) and environment variables. Answers null and every error, a line each, when anything is wrong.
    /// </summary>
    public static ProxyServer? Create(
        IReadOnlyDictionary<string, IReadOnlyList<string>> flags, Func<string, string?> environment, Stream logOutput, out IReadOnlyList<string> errors)
    {
        var settings = ProxySettings.Read(flags, environment, out errors);
        return settings is null ? null : new ProxyServer(settings, logOutput);
    }

    /// <summary>
    /// Serves until <paramref name="drain"/> is cancelled and no client connection has been open for the quiet period, or the grace period is over, or
    /// <paramref name="stop"/> is cancelled. Answers null, or the reason why it could not start.
    /// </summary>
    public async Task<string?> RunAsync(CancellationToken drain, CancellationToken stop)
    {
        try
        {
            await ServeAsync(drain, stop).ConfigureAwait(false);
            return null;
        }
        catch (Exception refused) when (refused is ProxyStartException or InvalidDataException)
        {
            return refused.Message;
        }
    }

    private async Task ServeAsync(CancellationToken drain, CancellationToken stop)
    {
        _log.Starting(Version);
        WarnAtStart();
        var brokerTls = _settings.BrokerTls is { } tls ? new BrokerTls(tls) : null;
        var listenerTls = _settings.ListenerTls is { } listen ? new ListenerTls(listen) : null;
        var credentials = _settings.Sasl is { } sasl ? new Credentials(sasl) : null;
        var metrics = new ProxyMetrics();
        var readiness = new Readiness(_log);
        var reachability = new Reachability(_log);
        var connector = new UpstreamConnector(_settings, brokerTls, credentials);

        using var connections = CancellationTokenSource.CreateLinkedTokenSource(stop);
        ConnectionServices? services = null;
        using var listeners = new BrokerListeners(_settings, Accept, _log);
        var watch = new ConnectionWatch(_settings.Relay, connector);
        services = new ConnectionServices(
            _settings, new BrokerDialer(_settings, connector, listeners, reachability, _log), listeners, listenerTls, brokerTls, watch, metrics, _log);
        var reloads = new FileReloads(_settings, connector, brokerTls, listenerTls, listeners, _log);
        listeners.OpenMapped();
        await using var http = _settings.Http is { } address ? await HttpEndpoints.StartAsync(address, readiness, metrics, _log).ConfigureAwait(false) : null;
        Listening?.Invoke([.. listeners.Listeners.Select(listener => listener.Listen.ToString())]);

        var background = new BackgroundTasks(_log, connections.Token);
        background.Start(new UpstreamProbe(_settings, connector, listeners, readiness, reachability).RunAsync);
        background.Start(watch.RunAsync);
        background.Start(reloads.RunAsync);

        await UntilAsync(drain, stop).ConfigureAwait(false);
        readiness.Drain();
        if (!stop.IsCancellationRequested)
        {
            await DrainAsync(stop).ConfigureAwait(false);
        }

        listeners.Dispose();
        await connections.CancelAsync().ConfigureAwait(false);
        await background.EndedAsync().ConfigureAwait(false);

        void Accept(Socket socket, LocalListener listener) =>
            _ = Task.Run(() => _open.RunAsync(() => new ProxyConnection(socket, listener, services!).RunAsync(connections.Token)), CancellationToken.None);
    }

    private void WarnAtStart()
    {
        foreach (var flag in _settings.WithoutEffect)
        {
            _log.WithoutEffect(flag);
        }

        if (_settings.BrokerTls is { Verify: false })
        {
            _log.NotVerified();
        }

        if (_settings is { BrokerTls: null, Sasl.Mechanism: "PLAIN" })
        {
            _log.PlainWithoutTls();
        }
    }

    private static async Task UntilAsync(CancellationToken drain, CancellationToken stop)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var onDrain = drain.Register(() => asked.TrySetResult());
        await using var onStop = stop.Register(() => asked.TrySetResult());
        await asked.Task.ConfigureAwait(false);
    }

    /// <summary>Serves on until the application beside us has closed its connections: what it flushes at its end must find a way out.</summary>
    private async Task DrainAsync(CancellationToken stop)
    {
        var began = Environment.TickCount64;
        _log.Draining(_open.Count, (long)_settings.QuietPeriod.TotalMilliseconds, (long)_settings.GracePeriod.TotalMilliseconds);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!stop.IsCancellationRequested)
        {
            var since = TimeSpan.FromMilliseconds(Environment.TickCount64 - began);
            if (since >= _settings.QuietPeriod && _open.QuietFor >= _settings.QuietPeriod)
            {
                _log.Drained();
                return;
            }

            if (since >= _settings.GracePeriod)
            {
                _log.GracePeriodEnded(_open.Count);
                return;
            }

            await look.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
