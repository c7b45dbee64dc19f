using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;
using Switchback.Reloader.Serving;

namespace Switchback.Reloader.Rolling;

/// <summary>Follows ConfigMaps, Secrets, workloads and (with a selector) namespaces, and passes on what happens.</summary>
internal sealed class ClusterWatch(KubernetesClient client, ReloaderOptions options, ReloaderMetrics metrics, ILogger log)
{
    private readonly TaskCompletionSource synchronized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int outstanding = 1;

    /// <summary>Completes once everything there has been read.</summary>
    public Task Synchronized => synchronized.Task;

    /// <summary>Follows until cancelled. Without an engine (a webhook is told) workloads are not looked at.</summary>
    public Task RunAsync(IResourceNews news, ReloadEngine? engine, CancellationToken cancellation)
    {
        var tasks = new List<Task>();
        var scope = new NamespaceScope(options);
        foreach (var kind in ResourceKinds.All.Where(kind => kind == ResourceKind.ConfigMap ? !options.IgnoreConfigMaps : !options.IgnoreSecrets))
        {
            tasks.AddRange(scope.Watched.Select(ns => FollowAsync(
                kind.Resource, new Selection(ns, options.ResourceSelector), observed => Resource(news, kind, ns, observed), cancellation)));
        }

        if (engine is not null)
        {
            foreach (var kind in WorkloadKind.All.Where(IsWatched))
            {
                tasks.AddRange(scope.Watched.Select(ns => FollowAsync(
                    kind.Resource, new Selection(ns), observed => Workload(engine, kind, observed), cancellation)));
            }

            if (scope.HasSelector)
            {
                tasks.Add(FollowAsync(
                    ResourceNames.Namespaces, new Selection(LabelSelector: options.NamespaceSelector), observed => Namespace(engine, observed), cancellation));
            }
        }

        CountDown();
        return Task.WhenAll(tasks);
    }

    private static void Workload(ReloadEngine engine, WorkloadKind kind, Observed observed)
    {
        switch (observed)
        {
            case Observed.Changed changed:
                engine.WorkloadChanged(kind, changed.Object);
                break;
            case Observed.Removed removed:
                engine.WorkloadRemoved(new WorkloadKey(kind, removed.Namespace, removed.Name));
                break;
        }
    }

    private static void Namespace(ReloadEngine engine, Observed observed)
    {
        switch (observed)
        {
            case Observed.Changed changed:
                engine.NamespaceSelected(changed.Object.Name, selected: true);
                break;
            case Observed.Removed removed:
                engine.NamespaceSelected(removed.Name, selected: false);
                break;
        }
    }

    private bool IsWatched(WorkloadKind kind) =>
        !(kind == WorkloadKind.Job && options.IgnoreJobs) && !(kind == WorkloadKind.CronJob && options.IgnoreCronJobs);

    private void Resource(IResourceNews news, ResourceKind kind, string? ns, Observed observed)
    {
        switch (observed)
        {
            case Observed.Changed changed:
                if (news.ResourceChanged(kind, changed.Object) is { } type && !changed.Listed)
                {
                    metrics.EventReceived(type == ChangeType.Created ? "add" : "update", kind.Resource.Plural);
                }

                break;
            case Observed.Removed removed:
                if (news.ResourceRemoved(removed.Namespace, new ResourceRef(kind, removed.Name)))
                {
                    metrics.EventReceived("delete", kind.Resource.Plural);
                }

                break;
            case Observed.Synchronized:
                news.ResourcesSynchronized(kind, ns);
                break;
        }
    }

    private async Task FollowAsync(ResourceName resource, Selection selection, Action<Observed> pass, CancellationToken cancellation)
    {
        var waiting = true;
        string? told = null;
        Interlocked.Increment(ref outstanding);
        await Task.Yield();
        await foreach (var observed in new Reflector(client, resource, selection).RunAsync(cancellation))
        {
            if (observed is Observed.Failed failed)
            {
                metrics.Error(failed.Failure is KubernetesException { Reason.Length: > 0 } refused ? refused.Reason : failed.Failure.GetType().Name);
                // Told once; that it goes on is for those who debug.
                Log.WatchFailed(
                    log, failed.Failure.Message == told ? LogLevel.Debug : LogLevel.Warning, resource.ToString(), failed.Pause, failed.Failure.Message);
                told = failed.Failure.Message;
            }
            else
            {
                pass(observed);
                ShortLivedMemory.Collect();
            }

            // A kind that the cluster does not serve, or does not show us, holds up nobody else.
            if (waiting && observed is Observed.Synchronized or Observed.Failed { Failure: KubernetesException { Code: 403 or 404 } })
            {
                waiting = false;
                CountDown();
            }
        }
    }

    private void CountDown()
    {
        if (Interlocked.Decrement(ref outstanding) == 0)
        {
            synchronized.TrySetResult();
        }
    }
}
