using System.Collections.Concurrent;
using System.Diagnostics;
using Switchback.Kubernetes;

namespace Switchback.Bench.Reloading;

/// <summary>Sees through a watch when each Deployment's template is patched.</summary>
internal sealed class RolloutWatch(KubernetesClient client)
{
    private readonly ConcurrentDictionary<string, (string Template, long At)> _seen = new();

    /// <summary>Rollouts seen so far.</summary>
    public int Count => _count;

    private int _count;

    /// <summary>When the Deployment was last seen to roll, as a timestamp of <see cref="Stopwatch"/>; null when it was not.</summary>
    public long? RolledAt(string name) => _seen.TryGetValue(name, out var last) && last.At > 0 ? last.At : null;

    /// <summary>Follows until cancelled; the first list is what templates are compared with.</summary>
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
                    Note(changed.Object.Name, changed.Object.At("spec", "template")?.ToJsonString() ?? "", changed.Listed);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Watched to the end.
        }
    }

    private void Note(string name, string template, bool listed)
    {
        if (_seen.TryGetValue(name, out var known) && known.Template == template)
        {
            return;
        }

        _seen[name] = (template, listed ? 0 : Stopwatch.GetTimestamp());
        if (!listed)
        {
            Interlocked.Increment(ref _count);
        }
    }
}
