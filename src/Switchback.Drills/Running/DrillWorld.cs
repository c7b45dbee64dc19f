using Switchback.Drills.Ledger;
using Switchback.Drills.Running.Clusters;
using Switchback.Drills.Running.Faults;
using Switchback.Drills.Running.Observing;
using Switchback.Drills.Running.Platform;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Running;

/// <summary>Everything that is up in a drill. Disposing it ends all of it, in the reverse order of its start.</summary>
internal sealed class DrillWorld : IAsyncDisposable
{
    private readonly CancellationTokenSource observing = new();

    public required Scenario Scenario { get; init; }

    public required DrillClock Clock { get; init; }

    public required DrillConsole Console { get; init; }

    public required DrillFolder Folder { get; init; }

    public required IDrillPlatform Platform { get; init; }

    public required IReadOnlyDictionary<string, DrillCluster> Clusters { get; init; }

    public required MirrorProcess Mirror { get; init; }

    /// <summary>What stands in front of the clusters that some step cuts off, by cluster.</summary>
    public required IReadOnlyDictionary<string, ClusterRelay> Relays { get; init; }

    public required Placeholders Placeholders { get; init; }

    public required LedgerWriter Ledger { get; init; }

    public required ClientObserver Clients { get; init; }

    public required RolloutObserver Rollouts { get; init; }

    public required ProxyObserver Proxies { get; init; }

    /// <summary>Which cluster each application's configuration names, by application.</summary>
    public required Dictionary<string, string> ActiveCluster { get; init; }

    /// <summary>The logs, and the rollouts, as they are followed; ends with <see cref="StopObservingAsync"/>.</summary>
    public Task Observation { get; private set; } = Task.CompletedTask;

    public void StartObserving()
    {
        var namespaces = Scenario.Clients.Values.Select(client => client.Namespace).Distinct();
        Observation = Task.WhenAll([.. namespaces.Select(ns => Clients.ObserveAsync(ns, observing.Token)), Rollouts.ObserveAsync(observing.Token), Proxies.ObserveAsync(observing.Token)]);
    }

    public async Task StopObservingAsync()
    {
        await observing.CancelAsync();
        await Observation;
        Clients.WritePods();
    }

    /// <summary>Ends the drill when it can no longer observe: a verdict from half a ledger would be none.</summary>
    /// <exception cref="IOException">The ledger cannot be written.</exception>
    public async Task ThrowIfBlindAsync()
    {
        await Clients.ThrowIfBlindAsync();
        if (Observation.IsCompleted)
        {
            await Observation;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await observing.CancelAsync();
        await Observation.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            Ledger.Dispose();
        }
        finally
        {
            // Side by side, and never one after the other: whoever presses Ctrl-C waits for the slowest only.
            await Task.WhenAll([Platform.DisposeAsync().AsTask(), Mirror.DisposeAsync().AsTask(), .. Clusters.Values.Select(cluster => cluster.DisposeAsync().AsTask())]);
            await Task.WhenAll(Relays.Values.Select(relay => relay.DisposeAsync().AsTask()));
            observing.Dispose();
            Folder.Dispose();
        }
    }
}
