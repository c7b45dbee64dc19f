using Switchback.Broker.Network;

namespace Switchback.Broker.Operations;

/// <summary>One broker of the cluster as its clients meet it: there while its listener is open, gone like a process when that is closed.</summary>
internal sealed class BrokerServer(Cluster cluster, BrokerNode broker, RequestDispatcher dispatcher) : IAsyncDisposable
{
    private CancellationTokenSource? _stopping;
    private Task _serving = Task.CompletedTask;

    public BrokerNode Broker => broker;

    public bool IsServing => _stopping is not null;

    public void Serve(BrokerListener listener)
    {
        _stopping = new CancellationTokenSource();
        _serving = listener.RunAsync(cluster, broker, dispatcher, _stopping.Token);
    }

    /// <summary>Opens the listener again, at the port it had.</summary>
    /// <exception cref="Configuration.ConfigurationException">Somebody else has the port by now.</exception>
    public async Task OpenAsync() => Serve(await BrokerListener.BindAsync(broker.Listener.Host, broker.BoundPort));

    /// <summary>Closes the listener and every connection, whatever they are in the middle of.</summary>
    public async Task CloseAsync()
    {
        if (_stopping is not { } stopping)
            return;
        await stopping.CancelAsync();
        await _serving;
        _stopping = null;
        stopping.Dispose();
    }

    public async ValueTask DisposeAsync() => await CloseAsync();
}
