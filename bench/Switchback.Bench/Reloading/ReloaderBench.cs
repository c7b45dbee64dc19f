using Switchback.Kubernetes;

namespace Switchback.Bench.Reloading;

/// <summary>
/// The reloader on an embedded API with <see cref="FilledCluster.Size"/> workloads and as many ConfigMaps: how soon after its settle window it patches, how many changes it
/// keeps up with, its memory; and what the embedded platform itself takes for lists and pods.
/// </summary>
public static class ReloaderBench
{
    private const int ChangesARound = 200;
    private const int PodsARound = 10;
    private const double LatencyMilliseconds = 50;
    private const double MemoryMegabytes = 96;
    private const double ChangesAMinute = 1000;
    private const double PodMilliseconds = 100;
    private const double ListMilliseconds = 100;
    private const double FleetSeconds = PodMilliseconds / 1000 * PlatformFigures.Pods;
    private static readonly TimeSpan SettleWindow = TimeSpan.FromSeconds(1);

    /// <param name="program">The switchback binary.</param>
    /// <param name="rounds">Rounds of each figure; at least 1.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <param name="cancellation">Ends the bench.</param>
    /// <exception cref="InvalidOperationException">A part did not start, or a change was not followed by exactly one rollout.</exception>
    public static async Task<BenchReport> RunAsync(string program, int rounds, Action<string> progress, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("switchback-bench-");
        try
        {
            await using var cluster = await FilledCluster.StartAsync(program, folder.FullName, progress, cancellation);
            var platform = await PlatformAsync(cluster.Client, rounds, progress, cancellation);
            var reloader = await ReloaderAsync(program, cluster, rounds, progress, cancellation);
            return new BenchReport("reloader", Environment.ProcessorCount, rounds, [.. reloader, .. platform]);
        }
        catch (Exception failure) when (failure is KubernetesException or HttpRequestException or TimeoutException)
        {
            throw new InvalidOperationException(failure.Message, failure);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<List<BenchResult>> PlatformAsync(KubernetesClient client, int rounds, Action<string> progress, CancellationToken cancellation)
    {
        var figures = new PlatformFigures(client);
        List<double> configMaps = [], deployments = [], pods = [], among = [], fleet = [];
        for (var round = 1; round <= rounds; round++)
        {
            progress($"round {round} of {rounds}: lists, pods");
            configMaps.Add(await figures.ListAsync(ResourceNames.ConfigMaps, cancellation));
            deployments.Add(await figures.ListAsync(ResourceNames.Deployments, cancellation));
            pods.Add(await MedianPodAsync());
            progress($"round {round} of {rounds}: {PlatformFigures.Pods} pods");
            fleet.Add(await figures.FleetAsync(cancellation));
            among.Add(await MedianPodAsync());
            await figures.DismissAsync(cancellation);
        }

        return
        [
            BenchResult.AtMost("list-5000-configmaps", configMaps, "ms", ListMilliseconds),
            BenchResult.AtMost("list-5000-deployments", deployments, "ms", ListMilliseconds),
            BenchResult.AtMost("pod-created-to-running", pods, "ms", PodMilliseconds),
            BenchResult.AtMost("pod-101-created-to-running", among, "ms", PodMilliseconds),
            BenchResult.AtMost("pods-100-available", fleet, "s", FleetSeconds),
        ];

        async Task<double> MedianPodAsync()
        {
            var times = new List<double>();
            for (var pod = 0; pod < PodsARound; pod++)
            {
                times.Add(await figures.PodAsync(cancellation));
            }

            return Percentile(times, 0.5);
        }
    }

    private static async Task<List<BenchResult>> ReloaderAsync(
        string program, FilledCluster cluster, int rounds, Action<string> progress, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        progress("starting the reloader");
        await using var reloader = Launched.Start([program, "reloader", "--kubeconfig", cluster.KubeConfigPath, "--metrics-addr", "127.0.0.1:0", "--settle-window", "1s"]);
        var memory = new MemoryWatch(reloader.Id);
        var rollouts = new RolloutWatch(cluster.Client);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var watching = Task.WhenAll(memory.RunAsync(stop.Token), rollouts.RunAsync(ready, stop.Token));
        if (!await reloader.LineAsync("ready: ", cancellation))
        {
            throw new InvalidOperationException("the reloader ended before it was ready");
        }

        await ready.Task.WaitAsync(cancellation);
        progress($"until the reloader has written down what {FilledCluster.Size} workloads run with");
        await RememberedAsync(cluster.Client, cancellation);
        var load = new ChangeLoad(cluster.Client, rollouts, SettleWindow);
        List<double> latencies = [], burst = [];
        for (var round = 1; round <= rounds; round++)
        {
            progress($"round {round} of {rounds}: {ChangesARound} changes at {ChangesAMinute:0} a minute, then {ChangesAMinute:0} at once");
            latencies.Add(Percentile(await load.PacedAsync(ChangesARound, TimeSpan.FromMinutes(1 / ChangesAMinute), cancellation), 0.99));
            burst.Add(await load.BurstAsync((int)ChangesAMinute, cancellation));
        }

        await stop.CancelAsync();
        await watching;
        return
        [
            BenchResult.AtMost("window-to-patch-p99", latencies, "ms", LatencyMilliseconds) with { Note = "stakater/Reloader is not on this machine" },
            BenchResult.AtLeast("rollouts-a-minute", burst, "1/min", ChangesAMinute),
            BenchResult.AtMost("reloader-memory-pss", [memory.PeakMegabytes], "MB", MemoryMegabytes),
        ];
    }

    private static async Task RememberedAsync(KubernetesClient client, CancellationToken cancellation)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while ((await client.ListAsync(ResourceNames.Deployments, new Selection(FilledCluster.Namespace), cancellation))
            .Any(item => item.Text("metadata", "annotations", "switchback.dev/reloader-seen") is null))
        {
            await pause.WaitForNextTickAsync(cancellation);
        }
    }

    private static double Percentile(IReadOnlyList<double> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}
