using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Leading;
using Switchback.Reloader.Options;
using Switchback.Reloader.Rolling;
using Switchback.Reloader.Serving;

namespace Switchback.Reloader;

/// <summary>
/// Rolls workloads when the ConfigMaps and Secrets they use change: the annotations, variables, events and metrics of stakater/Reloader, and beyond it a memory
/// on each workload of what its pods run with, so that a change is rolled exactly once whenever it was made.
/// </summary>
public static class ReloaderProcess
{
    private const int Parallelism = 8;

    /// <summary>Runs until <paramref name="cancellation"/>. An API server that is away is waited for, however long.</summary>
    /// <exception cref="IOException">The metrics address cannot be bound.</exception>
    public static async Task RunAsync(ReloaderOptions options, CancellationToken cancellation)
    {
        var log = options.Logging.CreateLogger("reloader");
        using var client = new KubernetesClient(options.Cluster);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var metrics = new ReloaderMetrics();
        var events = new EventRecorder(client, log);
        using var engine = new ReloadEngine(options, new Complaints(events, log), Parallelism);
        metrics.QueueDepth = () => engine.Queue.Depth;
        var watch = new ClusterWatch(client, options, metrics, log);
        await using var server = options.MetricsAddress is { } address
            ? await MetricsServer.StartAsync(ParseAddress(address), metrics, () => watch.Synchronized.IsCompleted, cancellation)
            : null;

        var (leadership, election) = Elect(client, options, engine, log);
        var parts = new List<Task> { election(ending.Token), events.RunAsync(ending.Token), AnnounceAsync(options, watch, server, ending.Token) };
        parts.Add(ShortLivedMemory.GiveBackWhenIdleAsync(() => engine.Queue.Depth == 0, ending.Token));
        if (options.Webhook is null)
        {
            parts.Add(watch.RunAsync(engine, engine, ending.Token));
            parts.Add(new ReloadWorker(client, options, engine, leadership, metrics, events, log).RunAsync(ending.Token));
        }
        else
        {
            var webhook = new WebhookNews(options, leadership, log);
            parts.Add(watch.RunAsync(webhook, null, ending.Token));
            parts.Add(webhook.RunAsync(ending.Token));
        }

        Log.Watching(log, Kinds(options), options.Namespaces.Count == 0 ? "all namespaces" : string.Join(", ", options.Namespaces));
        await EndTogetherAsync(parts, ending, cancellation);
    }

    private static System.Net.IPEndPoint ParseAddress(string address) => MetricsServer.TryParse(address, out var endpoint)
        ? endpoint!
        : throw new ArgumentException($"the metrics address must be HOST:PORT or :PORT, not \"{address}\"");

    private static string Kinds(ReloaderOptions options) =>
        options.IgnoreConfigMaps ? "Secrets" : options.IgnoreSecrets ? "ConfigMaps" : "ConfigMaps and Secrets";

    private static (ILeadership, Func<CancellationToken, Task>) Elect(
        KubernetesClient client, ReloaderOptions options, ReloadEngine engine, ILogger log)
    {
        if (options.LeaderElection is not { } lease)
        {
            return (new SoleReplica(), cancellation => Task.Delay(Timeout.Infinite, cancellation));
        }

        var election = new LeaderElection(client, lease)
        {
            Changed = leading =>
            {
                Log.Leadership(log, lease.Identity, leading ? "won" : "lost");
                if (leading)
                {
                    engine.ConsiderEverything();
                }
            },
            Failed = failure => Log.LeadershipFailed(log, failure.Message),
        };
        return (new ElectedReplica(election), election.RunAsync);
    }

    private static async Task AnnounceAsync(ReloaderOptions options, ClusterWatch watch, MetricsServer? server, CancellationToken cancellation)
    {
        await watch.Synchronized.WaitAsync(cancellation);
        ShortLivedMemory.GiveBack();
        options.Ready?.Invoke(server?.Address ?? options.Cluster.Server.Authority);
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    // The first part that ends, ends all: none of them is meant to.
    private static async Task EndTogetherAsync(List<Task> parts, CancellationTokenSource ending, CancellationToken cancellation)
    {
        var first = await Task.WhenAny(parts);
        await ending.CancelAsync();
        try
        {
            await Task.WhenAll(parts);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested || first.IsFaulted)
        {
            if (first.IsFaulted)
            {
                await first;
            }
        }
    }
}
