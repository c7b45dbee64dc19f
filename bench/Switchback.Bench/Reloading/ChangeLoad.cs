using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Bench.Reloading;

/// <summary>Changes ConfigMaps, at a pace or as fast as the API takes them, and waits until every change has had its rollout.</summary>
internal sealed class ChangeLoad(KubernetesClient client, RolloutWatch rollouts, TimeSpan settleWindow)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private int _value;
    private int _next;

    /// <summary>
    /// One change every <paramref name="pace"/>. Milliseconds from the end of each change's settle window to its patch, as a client sees both: the window
    /// counts from when the change was sent, which is before the API server had it.
    /// </summary>
    public async Task<IReadOnlyList<double>> PacedAsync(int changes, TimeSpan pace, CancellationToken cancellation)
    {
        var sent = new ConcurrentDictionary<string, long>();
        var before = rollouts.Count;
        var requests = new List<Task>();
        var began = Stopwatch.GetTimestamp();
        for (var index = 0; index < changes; index++)
        {
            var due = pace * index - Stopwatch.GetElapsedTime(began);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, cancellation);
            }

            requests.Add(ChangeAsync(sent, cancellation));
        }

        await Task.WhenAll(requests);
        await RolledAsync(before + changes, cancellation);
        return [.. sent.Select(change => (Stopwatch.GetElapsedTime(change.Value, rollouts.RolledAt(change.Key)!.Value) - settleWindow).TotalMilliseconds)];
    }

    /// <summary>All at once. Rollouts a minute: from the first change to the last patch, less one settle window.</summary>
    public async Task<double> BurstAsync(int changes, CancellationToken cancellation)
    {
        var sent = new ConcurrentDictionary<string, long>();
        var before = rollouts.Count;
        var began = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, changes, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellation }, async (_, token) => await ChangeAsync(sent, token));
        await RolledAsync(before + changes, cancellation);
        var last = sent.Keys.Max(name => rollouts.RolledAt(name)!.Value);
        return changes / (Stopwatch.GetElapsedTime(began, last) - settleWindow).TotalMinutes;
    }

    private async Task ChangeAsync(ConcurrentDictionary<string, long> sent, CancellationToken cancellation)
    {
        var name = FilledCluster.Name(Interlocked.Increment(ref _next) % FilledCluster.Size);
        var value = string.Create(CultureInfo.InvariantCulture, $"value-{Interlocked.Increment(ref _value)}");
        sent[name] = Stopwatch.GetTimestamp();
        var patch = new JsonObject { ["data"] = new JsonObject { ["key"] = value } };
        await client.PatchAsync(ResourceNames.ConfigMaps, FilledCluster.Namespace, name, patch, PatchType.Merge, cancellation);
    }

    private async Task RolledAsync(int count, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (rollouts.Count < count)
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException($"{count - rollouts.Count} of the changes were not followed by a rollout within {Patience.TotalMinutes:0} minutes");
            }

            await pause.WaitForNextTickAsync(cancellation);
        }

        if (rollouts.Count > count)
        {
            throw new InvalidOperationException($"{rollouts.Count - count} rollouts more than changes");
        }
    }
}
