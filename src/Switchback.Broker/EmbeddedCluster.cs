using Microsoft.Extensions.Logging;
using Switchback.Broker.Configuration;
using Switchback.Broker.Handlers;
using Switchback.Broker.Network;
using Switchback.Broker.Topics;

namespace Switchback.Broker;

/// <summary>A running cluster in this process: as many brokers as it has listeners, one copy of the data. Dispose it to stop in good order.</summary>
public sealed class EmbeddedCluster : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly Cluster _cluster;
    private readonly RequestDispatcher _dispatcher;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    private EmbeddedCluster(DataDirectory directory, Cluster cluster, IReadOnlyList<BrokerListener> listeners)
    {
        _directory = directory;
        _cluster = cluster;
        _dispatcher = new RequestDispatcher(HandlerTable.Create(cluster));
        cluster.Log.Started(cluster.Id, cluster.Brokers.Count, cluster.Topics.All.Count, directory.Path);
        var work = listeners.Zip(cluster.Brokers, (listener, broker) => listener.RunAsync(cluster, broker, _dispatcher, _stopping.Token));
        _running = Task.WhenAll([.. work, new Housekeeping(cluster).RunAsync(_stopping.Token)]);
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
                i + 1, l.AdvertisedHost ?? l.Host, l.AdvertisedPort > 0 ? l.AdvertisedPort : listeners[i].Port, l))];
            var topics = new TopicRegistry(directory.Path, settings, brokers.Length, options.AfterPowerLoss);
            foreach (var cut in topics.All.SelectMany(t => t.Partitions).Where(p => p.Log.LostToPower > 0))
                log.LostToPower(cut.Topic, cut.Index, cut.Log.LostToPower, cut.Log.EndOffset);
            return new EmbeddedCluster(directory, new Cluster(directory.ClusterId, settings, brokers, topics, time ?? TimeProvider.System, log), listeners);
        }
        catch
        {
            listeners.ForEach(l => l.Dispose());
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Stops one broker, or has it come back: its partitions get other leaders meanwhile, and clients are told so.</summary>
    /// <param name="broker">The broker's id, from 1.</param>
    /// <param name="up">Whether it is to be up.</param>
    public void SetBrokerUp(int broker, bool up) => _cluster.Topics.SetBrokerUp(broker, up);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _cluster.Groups.Dispose();
        _cluster.Topics.Dispose();
        _directory.Dispose();
        _stopping.Dispose();
        _cluster.Log.Stopped();
    }
}
