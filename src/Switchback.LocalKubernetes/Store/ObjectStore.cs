using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

/// <summary>A list as of one moment.</summary>
/// <param name="Items">In the order of namespace and name.</param>
/// <param name="ResourceVersion">A watch from here misses nothing.</param>
internal sealed record ObjectList(IReadOnlyList<StoredObject> Items, long ResourceVersion);

/// <summary>
/// All objects of the platform. Thread-safe. Every object handed out is a shared snapshot that nobody changes: <c>DeepClone</c> it, or use <see cref="Mutate"/>.
/// Every object handed in is copied. Resource versions rise over all types together. The namespace is empty for types outside of namespaces.
/// </summary>
internal sealed class ObjectStore : IDisposable
{
    private const int BatchSize = 256;
    private readonly Lock gate = new();
    private readonly Dictionary<ResourceType, ObjectTable> tables = ResourceTypes.All.ToDictionary(type => type, type => new ObjectTable(type));
    private readonly IAdmission? admission;
    private readonly TimeProvider clock;
    private readonly Journal? journal;
    private long version;

    /// <param name="path">The journal; null to keep the state in memory only.</param>
    /// <param name="admission">Defaults and rules; null to store what comes.</param>
    /// <param name="clock">For timestamps.</param>
    /// <exception cref="IOException">The journal cannot be opened, or another platform has it.</exception>
    /// <exception cref="InvalidDataException">The journal cannot be read.</exception>
    public ObjectStore(string? path, IAdmission? admission = null, TimeProvider? clock = null)
    {
        this.admission = admission;
        this.clock = clock ?? TimeProvider.System;
        if (path is null)
        {
            return;
        }

        journal = Journal.Open(path, Restore);
        journal.Compact(version, AllObjects());
        foreach (var table in tables.Values)
        {
            table.StartHistory(version);
        }
    }

    public long ResourceVersion
    {
        get
        {
            lock (gate)
            {
                return version;
            }
        }
    }

    /// <summary>The object, or null.</summary>
    public JsonObject? Find(ResourceType type, string ns, string name)
    {
        lock (gate)
        {
            return tables[type].Objects.GetValueOrDefault(StoredObject.KeyOf(ns, name))?.Value;
        }
    }

    /// <exception cref="StatusException">404.</exception>
    public JsonObject Get(ResourceType type, string ns, string name) => Find(type, ns, name) ?? throw StatusException.NotFound(type, name);

    /// <param name="type">Which type.</param>
    /// <param name="ns">One namespace; null for all.</param>
    /// <param name="labels">Null for all.</param>
    /// <param name="fields">Null for all.</param>
    public IReadOnlyList<JsonObject> List(ResourceType type, string? ns = null, LabelSelector? labels = null, FieldSelector? fields = null) =>
        [.. Snapshot(type, ns, labels, fields).Items.Select(item => item.Value)];

    /// <summary>The objects that the owner with this uid controls.</summary>
    public IReadOnlyList<JsonObject> ControlledBy(ResourceType type, string uid)
    {
        lock (gate)
        {
            return [.. tables[type].ControlledBy(uid).Select(item => item.Value)];
        }
    }

    /// <summary>The objects of a namespace that nobody controls.</summary>
    public IReadOnlyList<JsonObject> Uncontrolled(ResourceType type, string ns)
    {
        lock (gate)
        {
            return [.. tables[type].Uncontrolled(ns).Select(item => item.Value)];
        }
    }

    /// <summary>As <see cref="List"/>, with bytes and the version to watch from.</summary>
    public ObjectList Snapshot(ResourceType type, string? ns = null, LabelSelector? labels = null, FieldSelector? fields = null)
    {
        List<StoredObject> items;
        long asOf;
        lock (gate)
        {
            asOf = version;
            items = ns is null ? [.. tables[type].Objects.Values] : [.. tables[type].InNamespace(ns)];
        }

        if (labels is not null || fields is not null)
        {
            items.RemoveAll(item => labels?.Matches(item.Value) == false || fields?.Matches(item.Value) == false);
        }

        return new ObjectList(items, asOf);
    }

    /// <summary>Stores a new object; sets uid, creation time, generation and resource version, and the name when <c>generateName</c> asks for it.</summary>
    /// <exception cref="StatusException">409 when the name is taken; 404 or 403 for its namespace; whatever admission says.</exception>
    public JsonObject Create(ResourceType type, JsonObject item, bool dryRun = false)
    {
        var copy = Copy(item);
        lock (gate)
        {
            CheckNamespace(type, copy.Namespace());
            ObjectMetadata.Begin(type, copy, clock.GetUtcNow());
            admission?.Admit(this, type, copy, null);
            if (tables[type].Objects.ContainsKey(StoredObject.KeyOf(copy.Namespace(), copy.Name())))
            {
                throw StatusException.AlreadyExists(type, copy.Name());
            }

            return dryRun ? copy : Commit(type, copy, null);
        }
    }

    /// <summary>Replaces an object, all but its status where it has one. A resource version in it must be the present one.</summary>
    /// <exception cref="StatusException">404; 409 when somebody else was faster; whatever admission says.</exception>
    public JsonObject Update(ResourceType type, JsonObject item, bool dryRun = false) => Replace(type, item, UpdateScope.AllButStatus, dryRun);

    /// <summary>Replaces an object's status only.</summary>
    /// <exception cref="StatusException">As for <see cref="Update"/>.</exception>
    public JsonObject UpdateStatus(ResourceType type, JsonObject item, bool dryRun = false) => Replace(type, item, UpdateScope.StatusOnly, dryRun);

    /// <summary>
    /// Changes an object, status included, on a copy: atomic, so that it never conflicts. <paramref name="change"/> runs under the store's lock (be quick, and only
    /// call the store itself) and answers false to leave the object alone.
    /// </summary>
    /// <returns>The stored state; null when there is no such object.</returns>
    public JsonObject? Mutate(ResourceType type, string ns, string name, Func<JsonObject, bool> change)
    {
        lock (gate)
        {
            var previous = Find(type, ns, name);
            if (previous is null)
            {
                return null;
            }

            var copy = Copy(previous);
            return change(copy) ? Replace(type, copy, UpdateScope.Everything, dryRun: false) : previous;
        }
    }

    /// <summary>
    /// Deletes an object: at once, or, for a pod on a node, and for whatever has finalizers, by marking it with a deletion timestamp. A node
    /// confirms a pod's end with <see cref="DeleteOptions.Now"/>.
    /// </summary>
    /// <returns>The last state, and whether it is gone.</returns>
    /// <exception cref="StatusException">404; 409 when a precondition does not hold.</exception>
    public (JsonObject Last, bool Gone) Delete(ResourceType type, string ns, string name, DeleteOptions? options = null)
    {
        options ??= new DeleteOptions();
        lock (gate)
        {
            var previous = Get(type, ns, name);
            ObjectMetadata.CheckPreconditions(type, previous, options.Uid, options.ResourceVersion);
            var copy = Copy(previous);
            ObjectMetadata.MarkDeleted(type, copy, options, clock.GetUtcNow());
            if (options.DryRun)
            {
                return (copy, false);
            }

            if (ObjectMetadata.MayGo(type, copy))
            {
                return (Remove(type, copy), true);
            }

            return JsonNode.DeepEquals(previous, copy) ? (previous, false) : (Commit(type, copy, previous), false);
        }
    }

    /// <summary>
    /// The changes of a type, without end. From null: first an addition for each present object. From a version: every change after it.
    /// Only one namespace when one is given. With <paramref name="bookmarkEvery"/>, a bookmark about that often while nothing happens.
    /// </summary>
    /// <exception cref="StatusException">410 when the version is older than the known history, or the caller too slow: list again.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type,
        string? ns = null,
        long? fromResourceVersion = null,
        TimeSpan? bookmarkEvery = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var log = tables[type].Log;
        var (position, present) = StartWatch(type, fromResourceVersion);
        foreach (var item in present.Where(item => ns is null || item.Namespace == ns))
        {
            yield return new WatchEvent(WatchEventType.Added, item, null, item.Value.ResourceVersion());
        }

        while (true)
        {
            List<WatchEvent>? batch;
            Task changed;
            long seen;
            lock (gate)
            {
                batch = log.Read(position, BatchSize);
                changed = log.Changed;
                seen = version;
            }

            if (batch is null)
            {
                throw StatusException.Expired("too old resource version: the watch was too slow");
            }

            foreach (var change in batch)
            {
                position++;
                if (ns is null || change.Stored!.Namespace == ns)
                {
                    yield return change;
                }
            }

            if (batch.Count == 0 && !await HappensAsync(changed, bookmarkEvery, cancellation))
            {
                yield return new WatchEvent(WatchEventType.Bookmark, null, null, seen);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            journal?.Dispose();
        }
    }

    private static JsonObject Copy(JsonObject item) => (JsonObject)item.DeepClone();

    private static async Task<bool> HappensAsync(Task changed, TimeSpan? within, CancellationToken cancellation)
    {
        try
        {
            await changed.WaitAsync(within ?? Timeout.InfiniteTimeSpan, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private (long Position, IReadOnlyList<StoredObject> Present) StartWatch(ResourceType type, long? from)
    {
        lock (gate)
        {
            var table = tables[type];
            if (from is not { } after)
            {
                return (table.Log.End, [.. table.Objects.Values]);
            }

            if (after > version)
            {
                throw new StatusException(504, "Timeout", $"Too large resource version: {after}, current: {version}") { RetryAfterSeconds = 1 };
            }

            return (table.Log.PositionAfter(after) ?? throw StatusException.Expired($"too old resource version: {after} ({version})"), []);
        }
    }

    private void CheckNamespace(ResourceType type, string ns)
    {
        if (!type.Namespaced)
        {
            return;
        }

        var holder = Get(ResourceTypes.Namespace, "", ns);
        if (holder.IsBeingDeleted())
        {
            throw StatusException.Forbidden(type, "", $"unable to create new content in namespace {ns} because it is being terminated");
        }
    }

    private JsonObject Replace(ResourceType type, JsonObject item, UpdateScope scope, bool dryRun)
    {
        lock (gate)
        {
            var previous = Get(type, item.Namespace(), item.Name());
            ObjectMetadata.CheckUpdate(type, previous, item);
            var copy = ObjectMetadata.Merge(type, previous, item, scope);
            admission?.Admit(this, type, copy, previous);
            ObjectMetadata.CountGeneration(type, previous, copy, scope);
            if (dryRun || JsonNode.DeepEquals(previous, copy))
            {
                return dryRun ? copy : previous;
            }

            return copy.IsBeingDeleted() && ObjectMetadata.MayGo(type, copy) ? Remove(type, copy) : Commit(type, copy, previous);
        }
    }

    private JsonObject Commit(ResourceType type, JsonObject item, JsonObject? previous)
    {
        var table = tables[type];
        item.Ensure("metadata")["resourceVersion"] = ObjectMetadata.Format(version + 1);
        var stored = new StoredObject(item);
        journal?.Put(version + 1, type, stored);
        version++;
        var replaced = table.Put(stored);
        if (replaced is not null)
        {
            journal?.Superseded(replaced);
        }

        table.Log.Append(new WatchEvent(previous is null ? WatchEventType.Added : WatchEventType.Modified, stored, replaced, version));
        CompactWhenLarge();
        return item;
    }

    private JsonObject Remove(ResourceType type, JsonObject item)
    {
        var table = tables[type];
        item.Ensure("metadata")["resourceVersion"] = ObjectMetadata.Format(version + 1);
        var last = new StoredObject(item);
        var replaced = table.Objects[last.Key];
        journal?.Delete(version + 1, type, replaced);
        version++;
        table.Remove(last.Key);
        table.Log.Append(new WatchEvent(WatchEventType.Deleted, last, replaced, version));
        CompactWhenLarge();
        return item;
    }

    private void CompactWhenLarge()
    {
        if (journal?.WantsCompaction == true)
        {
            journal.Compact(version, AllObjects());
        }
    }

    private IEnumerable<(ResourceType Type, StoredObject Item)> AllObjects() =>
        tables.Values.SelectMany(table => table.Objects.Values.Select(item => (table.Type, item)));

    private void Restore(long changeVersion, string typeName, string ns, string name, JsonObject? item)
    {
        version = Math.Max(version, changeVersion);
        var type = ResourceTypes.All.FirstOrDefault(candidate => candidate.QualifiedName == typeName);
        if (type is null)
        {
            return;
        }

        if (item is null)
        {
            tables[type].Remove(StoredObject.KeyOf(ns, name));
        }
        else
        {
            tables[type].Put(new StoredObject(item));
        }
    }
}
