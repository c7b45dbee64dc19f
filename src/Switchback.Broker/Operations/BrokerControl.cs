namespace Switchback.Broker.Operations;

/// <summary>
/// Ends single brokers of a running cluster and has them come back. A broker that is stopped hands its leaderships over first; one that is killed is just gone,
/// and the cluster notices when it has not heard of it for <c>broker.session.timeout.ms</c>. One request at a time.
/// </summary>
internal sealed class BrokerControl(Cluster cluster, IReadOnlyList<BrokerServer> servers) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<int, ITimer> _missing = [];

    /// <summary>A controlled shutdown: leaders move at once, then the broker is gone.</summary>
    public Task StopAsync(int broker) => AloneAsync(broker, async server =>
    {
        cluster.SetBrokerUp(broker, up: false);
        await server.CloseAsync();
        cluster.Log.BrokerStopped(broker);
    });

    /// <summary>A crash: connections end, nothing is handed over; leaders move when the broker's session ends.</summary>
    public Task KillAsync(int broker) => AloneAsync(broker, async server =>
    {
        if (!server.IsServing)
            return;
        await server.CloseAsync();
        var session = TimeSpan.FromMilliseconds(cluster.Settings.Int("broker.session.timeout.ms"));
        lock (_missing)
            _missing[broker] = cluster.Time.CreateTimer(_ => Miss(broker), null, session, Timeout.InfiniteTimeSpan);
        cluster.Log.BrokerKilled(broker);
    });

    /// <summary>The broker comes back on its port. What it led and another took over stays there until leaders are balanced.</summary>
    /// <exception cref="Configuration.ConfigurationException">Somebody else has its port.</exception>
    public Task StartAsync(int broker) => AloneAsync(broker, async server =>
    {
        if (server.IsServing)
            return;
        await server.OpenAsync();

        // A broker that comes back before it was missed says that it is a new one: what it led has moved by that at the latest.
        Miss(broker);
        cluster.SetBrokerUp(broker, up: true);
        cluster.Log.BrokerStarted(broker);
    });

    public bool IsServing(int broker) => servers[broker - 1].IsServing;

    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync();
        foreach (var timer in _missing.Values)
            await timer.DisposeAsync();
        await Task.WhenAll(servers.Select(s => s.CloseAsync()));
    }

    private void Miss(int broker)
    {
        lock (_missing)
        {
            if (_missing.Remove(broker, out var timer))
                timer.Dispose();
        }

        cluster.SetBrokerUp(broker, up: false);
    }

    private async Task AloneAsync(int broker, Func<BrokerServer, Task> work)
    {
        if (broker < 1 || broker > servers.Count)
            throw new ArgumentOutOfRangeException(nameof(broker), $"there is no broker {broker}; there are 1 to {servers.Count}");
        await _turn.WaitAsync();
        try
        {
            await work(servers[broker - 1]);
        }
        finally
        {
            _turn.Release();
        }
    }
}
