using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Api;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Lifecycle;

/// <summary>
/// Deletes what its owners leave behind. An index of owners answers what a deletion concerns; the finalizers <c>foregroundDeletion</c> and <c>orphan</c> are honoured.
/// </summary>
internal sealed class GarbageCollector(ObjectStore store, ILogger logger)
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";
    private readonly Lock gate = new();
    private readonly Dictionary<string, HashSet<(ResourceType Type, string Namespace, string Name)>> dependents = [];

    /// <summary>Follows every type until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.WhenAll(ResourceTypes.All.Where(type => !type.CreateOnly && type != ResourceTypes.Event).Select(type => FollowAsync(type, cancellation)));

    private async Task FollowAsync(ResourceType type, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var change in store.WatchAsync(type, cancellation: cancellation))
                {
                    Handle(type, change);
                }
            }
            catch (StatusException expired)
            {
                ApiLog.ControllerFailed(logger, nameof(GarbageCollector), expired);
            }
        }
    }

    private void Handle(ResourceType type, WatchEvent change)
    {
        var item = change.Object;
        var key = (type, item.Namespace(), item.Name());
        var owners = item.Items("metadata", "ownerReferences").Select(owner => owner.Text("uid") ?? "").ToList();
        lock (gate)
        {
            foreach (var owner in owners)
            {
                if (change.Type == WatchEventType.Deleted)
                {
                    if (dependents.TryGetValue(owner, out var known) && known.Remove(key) && known.Count == 0)
                    {
                        dependents.Remove(owner);
                    }
                }
                else
                {
                    if (!dependents.TryGetValue(owner, out var known))
                    {
                        dependents[owner] = known = [];
                    }

                    known.Add(key);
                }
            }
        }

        if (change.Type == WatchEventType.Deleted)
        {
            DependentsOf(item.Uid()).ForEach(Collect);

            // An owner that waits for its dependents may have waited for this one.
            foreach (var owner in item.Items("metadata", "ownerReferences"))
            {
                FinishOwner(item.Namespace(), owner);
            }
        }
        else if (item.IsBeingDeleted())
        {
            FinishDeletion(type, item);
        }
        else if (owners.Count > 0)
        {
            Collect(key);
        }
    }

    private List<(ResourceType Type, string Namespace, string Name)> DependentsOf(string uid)
    {
        lock (gate)
        {
            return dependents.TryGetValue(uid, out var known) ? [.. known] : [];
        }
    }

    /// <summary>Deletes an object none of whose owners is there any more.</summary>
    private void Collect((ResourceType Type, string Namespace, string Name) key)
    {
        if (store.Find(key.Type, key.Namespace, key.Name) is not { } item || item.IsBeingDeleted())
        {
            return;
        }

        var owners = item.Items("metadata", "ownerReferences").ToList();
        if (owners.Count > 0 && !owners.Exists(owner => OwnerOf(key.Namespace, owner) is { } present && !IsForeground(present)))
        {
            var waits = owners.Exists(owner => OwnerOf(key.Namespace, owner) is not null);
            TryDelete(key, new DeleteOptions(Uid: item.Uid(), Propagation: waits ? Propagation.Foreground : Propagation.Background));
        }
    }

    private void FinishDeletion(ResourceType type, JsonObject item)
    {
        if (item.Finalizers().Contains(Orphan))
        {
            DependentsOf(item.Uid()).ForEach(dependent => Release(dependent, item.Uid()));
            RemoveFinalizer(type, item, Orphan);
        }
        else if (IsForeground(item))
        {
            var present = DependentsOf(item.Uid());
            present.ForEach(Collect);
            if (!present.Exists(dependent => store.Find(dependent.Type, dependent.Namespace, dependent.Name) is { } blocking && Blocks(blocking, item.Uid())))
            {
                RemoveFinalizer(type, item, Foreground);
            }
        }
    }

    private void FinishOwner(string ns, JsonObject reference)
    {
        if (TypeOf(reference) is { } type && OwnerOf(ns, reference) is { } owner && owner.IsBeingDeleted())
        {
            FinishDeletion(type, owner);
        }
    }

    private void Release((ResourceType Type, string Namespace, string Name) key, string owner) => store.Mutate(key.Type, key.Namespace, key.Name, item =>
    {
        var kept = item.Items("metadata", "ownerReferences").Where(reference => reference.Text("uid") != owner).Select(reference => reference.DeepClone()).ToArray();
        item.Ensure("metadata")["ownerReferences"] = new JsonArray(kept);
        return true;
    });

    private void RemoveFinalizer(ResourceType type, JsonObject owner, string finalizer) => store.Mutate(type, owner.Namespace(), owner.Name(), item =>
    {
        if (item.Uid() != owner.Uid())
        {
            return false;
        }

        item.Ensure("metadata")["finalizers"] = new JsonArray([.. item.Finalizers().Where(name => name != finalizer).Select(name => (JsonNode)name)]);
        return true;
    });

    private void TryDelete((ResourceType Type, string Namespace, string Name) key, DeleteOptions options)
    {
        try
        {
            store.Delete(key.Type, key.Namespace, key.Name, options);
        }
        catch (StatusException gone) when (gone.Code is 404 or 409)
        {
            // Deleted, or made anew, by somebody else meanwhile.
        }
    }

    private JsonObject? OwnerOf(string ns, JsonObject reference)
    {
        if (TypeOf(reference) is not { } type)
        {
            // A kind that is not served: nothing is known of it, so nothing is deleted on its account.
            return reference;
        }

        var owner = store.Find(type, type.Namespaced ? ns : "", reference.Text("name") ?? "");
        return owner?.Uid() == reference.Text("uid") ? owner : null;
    }

    private static ResourceType? TypeOf(JsonObject reference) => ResourceTypes.ForKind(reference.Text("apiVersion") ?? "", reference.Text("kind") ?? "");

    private static bool IsForeground(JsonObject item) => item.IsBeingDeleted() && item.Finalizers().Contains(Foreground);

    private static bool Blocks(JsonObject dependent, string owner) =>
        dependent.Items("metadata", "ownerReferences").Any(reference => reference.Text("uid") == owner && reference.Flag("blockOwnerDeletion") == true);
}
