using Microsoft.Extensions.Logging;
using Switchback.Broker.Configuration;
using Switchback.Broker.Handlers;
using Switchback.Broker.Network;
using Switchback.Broker.Operations;
using Switchback.Broker.Topics;

namespace Switchback.Broker;

/// <summary>A running cluster in this process: as many brokers as it has listeners, one copy of the data. Dispose it to stop in good order.</summary>
public sealed class EmbeddedCluster : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly Cluster _cluster;
    private readonly RequestDispatcher _dispatcher;
    private readonly CancellationTokenSource _stopping = new();
    private readonly BrokerControl _control;
    private readonly ControlSocket? _controlSocket;
    private readonly Task _housekeeping;

    private EmbeddedCluster(DataDirectory directory, Cluster cluster, IReadOnlyList<BrokerListener> listeners, string? controlPath)
    {
        _directory = directory;
        _cluster = cluster;
        _dispatcher = new RequestDispatcher(HandlerTable.Create(cluster));
        cluster.Log.Started(cluster.Id, cluster.Brokers.Count, cluster.Topics.All.Count, directory.Path);
        BrokerServer[] servers = [.. cluster.Brokers.Select(broker => new BrokerServer(cluster, broker, _dispatcher))];
        _control = new BrokerControl(cluster, servers);
        _controlSocket = controlPath is null ? null : ControlSocket.Open(controlPath, _control, cluster);
        foreach (var (server, listener) in servers.Zip(listeners))
            server.Serve(listener);
        _housekeeping = new Housekeeping(cluster).RunAsync(_stopping.Token);
    }

    /// <summary>The brokers as clients are told: <c>host:port,host:port</c>.</summary>
    public string BootstrapServers => string.Join(',', _cluster.Brokers.Select(b => $"{b.Host}:{b.Port}"));

    /// <summary>The cluster's id, kept in its data directory.</summary>
    public string ClusterId => _cluster.Id;

    internal Cluster Cluster => _cluster;

    internal RequestDispatcher Dispatcher => _dispatcher;

    /// <summary>Starts a cluster on its data; it serves when this returns.</summary>
    /// <exception cref="ConfigurationException">It cannot be started as asked; the exception lists everything that is wrong.</exception>
    public static async Task<EmbeddedCluster> StartAsync(BrokerOptions options, ILogger log, TimeProvider? time = null)
    {
        var settings = ServerSettingsReader.Read(options);
        var directory = DataDirectory.Open(options.DataDirectory);
        var listeners = new List<BrokerListener>();
        try
        {
            foreach (var listener in settings.Listeners)
                listeners.Add(await BrokerListener.BindAsync(listener.Host, listener.Port));
            BrokerNode[] brokers = [.. settings.Listeners.Select((l, i) => new BrokerNode(
                i + 1, l.AdvertisedHost ?? l.Host, l.AdvertisedPort > 0 ? l.AdvertisedPort : listeners[i].Port, l, listeners[i].Port))];
            var topics = new TopicRegistry(directory.Path, settings, brokers.Length, options.AfterPowerLoss);
            foreach (var cut in topics.All.SelectMany(t => t.Partitions).Where(p => p.Log.LostToPower > 0))
                log.LostToPower(cut.Topic, cut.Index, cut.Log.LostToPower, cut.Log.EndOffset);
            return new EmbeddedCluster(directory, new Cluster(directory.ClusterId, settings, brokers, topics, time ?? TimeProvider.System, log), listeners, options.ControlSocket);
        }
        catch (Exception failure)
        {
            listeners.ForEach(l => l.Dispose());
            directory.Dispose();
            if (failure is IOException or UnauthorizedAccessException)
                throw new ConfigurationException($"--data {options.DataDirectory}: cannot be read and written: {failure.Message}", failure);
            throw;
        }
    }

    /// <summary>Stops one broker in good order: its partitions get other leaders, then its listener and all its connections are closed.</summary>
    /// <param name="broker">The broker's id, from 1.</param>
    public Task StopBrokerAsync(int broker) => _control.StopAsync(broker);

    /// <summary>Ends one broker as a crash does: connections end at once, and others lead when it was missed for <c>broker.session.timeout.ms</c>.</summary>
    /// <param name="broker">The broker's id, from 1.</param>
    public Task KillBrokerAsync(int broker) => _control.KillAsync(broker);

    /// <summary>Has a broker come back on its port.</summary>
    /// <param name="broker">The broker's id, from 1.</param>
    /// <exception cref="ConfigurationException">Somebody else has its port.</exception>
    public Task StartBrokerAsync(int broker) => _control.StartAsync(broker);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_controlSocket is not null)
            await _controlSocket.DisposeAsync();
        await _stopping.CancelAsync();
        await _control.DisposeAsync();
        await _housekeeping;
        _cluster.Groups.Dispose();
        _cluster.Topics.Dispose();
        _directory.Dispose();
        _stopping.Dispose();
        _cluster.Log.Stopped();
    }
}
