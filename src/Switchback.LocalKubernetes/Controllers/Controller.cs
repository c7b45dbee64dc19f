using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Node;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers;

/// <summary>
/// A control loop over the objects of one type: watches say which objects to look at, and each look brings the object from whatever is to what is
/// wanted. Level-triggered: a look never depends on which change caused it.
/// </summary>
internal abstract class Controller(ObjectStore store, ILogger logger)
{
    private readonly WorkQueue _queue = new();
    private CancellationToken _cancellation;

    protected ObjectStore Store => store;

    protected ILogger Logger => logger;

    protected abstract string Name { get; }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        _cancellation = cancellation;
        await Task.WhenAll([.. Watches(cancellation), WorkAsync(cancellation)]);
    }

    protected abstract IEnumerable<Task> Watches(CancellationToken cancellation);

    /// <summary>Brings one object to what is wanted.</summary>
    protected abstract void Reconcile(string ns, string name);

    protected Task Follow(ResourceType type, Action<WatchEvent> handle, CancellationToken cancellation) =>
        Task.Run(() => ObjectWatch.FollowAsync(store, type, handle, logger, cancellation), cancellation);

    protected void Enqueue(JsonObject item) => Enqueue(item.Namespace(), item.Name());

    protected void Enqueue(string ns, string name) => _queue.Add(ns + "/" + name);

    protected void EnqueueAfter(string ns, string name, TimeSpan delay) => _queue.AddAfter(ns + "/" + name, delay, _cancellation);

    /// <summary>Looks at the owner of the given kind, where the object has one.</summary>
    protected void EnqueueOwner(JsonObject item, ResourceType type)
    {
        if (item.Controller() is { } owner && owner.Text("kind") == type.Kind && owner.Text("apiVersion") == type.ApiVersion)
        {
            Enqueue(item.Namespace(), owner.Text("name") ?? "");
        }
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            string key;
            try
            {
                key = await _queue.TakeAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var (ns, name) = (key[..key.IndexOf('/', StringComparison.Ordinal)], key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
            try
            {
                await Task.Run(() => Reconcile(ns, name), cancellation);
                _queue.Forget(key);
            }
            catch (StatusException exception) when (exception.Code is 404 or 409)
            {
                // Overtaken by another change: looked at again with what is there then.
                _queue.AddFailed(key, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                NodeLog.ReconcileFailed(logger, Name, key, exception);
                _queue.AddFailed(key, cancellation);
            }
        }
    }
}
