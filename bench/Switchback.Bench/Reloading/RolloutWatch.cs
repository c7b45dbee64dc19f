using System.Collections.Concurrent;
using System.Diagnostics;
using Switchback.Kubernetes;

namespace Switchback.Bench.Reloading;

/// <summary>Sees through a watch when each Deployment's template is patched: a new generation.</summary>
internal sealed class RolloutWatch(KubernetesClient client)
{
    private readonly ConcurrentDictionary<string, (long Generation, long At)> _seen = new();

    /// <summary>Rollouts seen so far.</summary>
    public int Count => _count;

    private int _count;

    /// <summary>When the Deployment was last seen to roll, as a timestamp of <see cref="Stopwatch"/>; null when it was not.</summary>
    public long? RolledAt(string name) => _seen.TryGetValue(name, out var last) && last.At > 0 ? last.At : null;

    /// <summary>Follows until cancelled; the first list is what generations are compared with.</summary>
    public async Task RunAsync(TaskCompletionSource ready, CancellationToken stop)
    {
        try
        {
            await foreach (var observed in new Reflector(client, ResourceNames.Deployments, new Selection(FilledCluster.Namespace)).RunAsync(stop))
            {
                if (observed is Observed.Synchronized)
                {
                    ready.TrySetResult();
                }
                else if (observed is Observed.Changed changed)
                {
                    Note(changed.Object.Name, changed.Object.Number("metadata", "generation") ?? 0, changed.Listed);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Watched to the end.
        }
    }

    private void Note(string name, long generation, bool listed)
    {
        var before = _seen.TryGetValue(name, out var known) ? known.Generation : 0;
        if (generation > before)
        {
            _seen[name] = (generation, listed ? 0 : Stopwatch.GetTimestamp());
            if (!listed)
            {
                Interlocked.Add(ref _count, (int)(generation - before));
            }
        }
    }
}
