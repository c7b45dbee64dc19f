using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Api;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Lifecycle;

/// <summary>Fills new namespaces and empties those that are being deleted; one that is empty goes.</summary>
internal sealed class NamespaceController(ObjectStore store, NamespaceContents contents, ILogger logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    private readonly HashSet<string> ending = [];

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in store.WatchAsync(ResourceTypes.Namespace, cancellation: cancellation))
                {
                    if (change.Type is not WatchEventType.Deleted)
                    {
                        Reconcile(change.Object.Name(), cancellation);
                    }
                }
            }
            catch (StatusException expired)
            {
                ApiLog.ControllerFailed(logger, nameof(NamespaceController), expired);
            }
        }
    }

    private void Reconcile(string ns, CancellationToken cancellation)
    {
        if (store.Find(ResourceTypes.Namespace, "", ns) is not { } present)
        {
            return;
        }

        if (!present.IsBeingDeleted())
        {
            contents.Ensure(ns);
            return;
        }

        lock (ending)
        {
            if (!ending.Add(ns))
            {
                return;
            }
        }

        _ = EndAsync(ns, cancellation);
    }

    private async Task EndAsync(string ns, CancellationToken cancellation)
    {
        try
        {
            store.Mutate(ResourceTypes.Namespace, "", ns, item =>
            {
                item.Ensure("status")["phase"] = "Terminating";
                return true;
            });
            using var timer = new PeriodicTimer(LookAgain);
            while (DeleteContents(ns) > 0)
            {
                await timer.WaitForNextTickAsync(cancellation);
            }

            lock (ending)
            {
                ending.Remove(ns);
            }

            store.Mutate(ResourceTypes.Namespace, "", ns, item =>
            {
                item.Ensure("spec")["finalizers"] = new JsonArray();
                return true;
            });
        }
        catch (OperationCanceledException)
        {
            // The platform ends; the next one goes on from here.
        }
        catch (StatusException failed)
        {
            ApiLog.ControllerFailed(logger, nameof(NamespaceController), failed);
            lock (ending)
            {
                ending.Remove(ns);
            }
        }
    }

    /// <summary>How many objects are still there: pods take their grace period.</summary>
    private int DeleteContents(string ns)
    {
        var left = 0;
        foreach (var type in ResourceTypes.All.Where(type => type.Namespaced))
        {
            foreach (var item in store.List(type, ns))
            {
                try
                {
                    left += item.IsBeingDeleted() || !store.Delete(type, ns, item.Name()).Gone ? 1 : 0;
                }
                catch (StatusException gone) when (gone.Code == 404)
                {
                    // Its owner's deletion took it along.
                }
            }
        }

        return left;
    }
}
