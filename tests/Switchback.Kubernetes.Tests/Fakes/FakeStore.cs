using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes.Tests.Fakes;

/// <summary>Objects, versions and their history.</summary>
public sealed class FakeStore : IDisposable
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> revisions = new(StringComparer.Ordinal);
    private readonly List<(long Version, string Collection, string Namespace, JsonObject Event)> history = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource watches = new();
    private long version = 100;
    private long oldest;

    /// <summary>Puts an object there as if someone had applied it.</summary>
    public JsonObject Put(ResourceName resource, JsonObject wanted)
    {
        var path = new FakePath(resource.Group, resource.Plural, resource.Namespaced ? wanted.Namespace : null, wanted.Name, null);
        var existing = Get(path);
        if ((string?)existing["kind"] == "Status")
        {
            return Create(path, (JsonObject)wanted.DeepClone());
        }

        var next = (JsonObject)wanted.DeepClone();
        next.Ensure("metadata")["uid"] = existing.Uid;
        return Replace(path, next);
    }

    public JsonObject? Find(ResourceName resource, string? ns, string name)
    {
        var found = Get(new FakePath(resource.Group, resource.Plural, ns, name, null));
        return (string?)found["kind"] == "Status" ? null : found;
    }

    public IReadOnlyList<JsonObject> All(ResourceName resource)
    {
        lock (gate)
        {
            return [.. objects.Where(pair => pair.Key.StartsWith($"{resource.Group}/{resource.Plural}/", StringComparison.Ordinal)).Select(pair => Clone(pair.Value))];
        }
    }

    /// <summary>How many templates the pods of a workload have had, as its controller would count them.</summary>
    public long RevisionOf(ResourceName resource, string? ns, string name)
    {
        lock (gate)
        {
            return revisions[Key(new FakePath(resource.Group, resource.Plural, ns, name, null))];
        }
    }

    public void Remove(ResourceName resource, string? ns, string name) => Delete(new FakePath(resource.Group, resource.Plural, ns, name, null));

    /// <summary>Every watch ends, and none can continue from before now.</summary>
    public void Forget()
    {
        lock (gate)
        {
            history.Clear();
            oldest = ++version;
        }

        CutWatches();
    }

    public void CutWatches()
    {
        var before = Interlocked.Exchange(ref watches, new CancellationTokenSource());
        before.Cancel();
        before.Dispose();
    }

    public void Dispose() => watches.Dispose();

    public JsonObject Get(FakePath path)
    {
        lock (gate)
        {
            return objects.TryGetValue(Key(path), out var found)
                ? Clone(found)
                : FakeApiServer.Status(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found");
        }
    }

    public JsonObject List(FakePath path, int limit, string? after, string? selector)
    {
        lock (gate)
        {
            var prefix = path.Namespace is null ? $"{path.Collection}/" : $"{path.Collection}/{path.Namespace}/";
            var matching = objects
                .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(pair.Key, after ?? "") > 0 && Matches(pair.Value, selector))
                .ToList();
            var page = matching.Take(limit).ToList();
            var items = page.Select(pair =>
            {
                var item = Clone(pair.Value);
                item.Remove("kind");
                item.Remove("apiVersion");
                return (JsonNode)item;
            });
            var metadata = new JsonObject { ["resourceVersion"] = Text(version) };
            if (matching.Count > page.Count)
            {
                metadata["continue"] = page[^1].Key;
            }

            return new JsonObject { ["kind"] = "AnyList", ["metadata"] = metadata, ["items"] = new JsonArray([.. items]) };
        }
    }

    public JsonObject Create(FakePath path, JsonObject created)
    {
        lock (gate)
        {
            var metadata = created.Ensure("metadata");
            if (created.Name.Length == 0)
            {
                metadata["name"] = $"{created.Text("metadata", "generateName")}{version:x}";
            }

            var key = Key(path with { Name = created.Name });
            if (objects.ContainsKey(key))
            {
                return FakeApiServer.Status(409, "AlreadyExists", $"{path.Plural} \"{created.Name}\" already exists");
            }

            metadata["uid"] ??= Guid.NewGuid().ToString();
            metadata["generation"] = 1;
            revisions[key] = 1;
            if (path.Collection == "batch/jobs")
            {
                Select(created);
            }

            return Store(key, path, created, "ADDED");
        }
    }

    public JsonObject Replace(FakePath path, JsonObject next)
    {
        lock (gate)
        {
            if (!objects.TryGetValue(Key(path), out var before))
            {
                return FakeApiServer.Status(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found");
            }

            if (next.ResourceVersion is { } expected && expected != before.ResourceVersion)
            {
                return FakeApiServer.Status(409, "Conflict", "the object has been modified; please apply your changes to the latest version");
            }

            var metadata = next.Ensure("metadata");
            metadata["uid"] = before.Uid;
            metadata["generation"] = before.Number("metadata", "generation") + (IsOfTheGeneration(path, before, next) ? 0 : 1);
            revisions[Key(path)] += JsonNode.DeepEquals(before.At("spec", "template"), next.At("spec", "template")) ? 0 : 1;
            metadata["resourceVersion"] = before.ResourceVersion;
            return JsonNode.DeepEquals(before, next) ? Clone(before) : Store(Key(path), path, next, "MODIFIED");
        }
    }

    public JsonObject Patch(FakePath path, JsonNode patch, bool strategic)
    {
        lock (gate)
        {
            return objects.TryGetValue(Key(path), out var before)
                ? Replace(path, FakePatch.Merge(Clone(before), patch.AsObject(), strategic))
                : FakeApiServer.Status(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found");
        }
    }

    public JsonObject Delete(FakePath path)
    {
        lock (gate)
        {
            if (!objects.Remove(Key(path), out var before))
            {
                return FakeApiServer.Status(404, "NotFound", $"{path.Plural} \"{path.Name}\" not found");
            }

            Publish(path, before, "DELETED");
            return new JsonObject { ["kind"] = "Status", ["status"] = "Success" };
        }
    }

    public async IAsyncEnumerable<JsonObject> WatchAsync(
        FakePath path, long after, string? selector, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, watches.Token);
        if (after < oldest)
        {
            yield return new JsonObject { ["type"] = "ERROR", ["object"] = FakeApiServer.Status(410, "Expired", "too old resource version") };
            yield break;
        }

        while (true)
        {
            List<(long Version, JsonObject Event)> news;
            Task next;
            lock (gate)
            {
                news = [.. history
                    .Where(item => item.Version > after && item.Collection == path.Collection && (path.Namespace is null || item.Namespace == path.Namespace))
                    .Where(item => Matches(item.Event.Object("object")!, selector))
                    .Select(item => (item.Version, Clone(item.Event)))];
                next = changed.Task;
            }

            foreach (var (at, change) in news)
            {
                after = at;
                yield return change;
            }

            await next.WaitAsync(ending.Token);
        }
    }

    // Of a Deployment the annotations count too.
    private static bool IsOfTheGeneration(FakePath path, JsonObject before, JsonObject next) => JsonNode.DeepEquals(before["spec"], next["spec"])
        && (path.Collection != "apps/deployments" || JsonNode.DeepEquals(before.At("metadata", "annotations"), next.At("metadata", "annotations")));

    // A Job's pods are told from those of another by the uid, which the server writes into its selector.
    private static void Select(JsonObject job)
    {
        if (job.At("spec", "selector") is not null)
        {
            throw new InvalidOperationException("a Job with a selector is refused: the server makes it");
        }

        job.Ensure("spec", "selector", "matchLabels")["controller-uid"] = job.Uid;
        var labels = job.Ensure("spec", "template", "metadata", "labels");
        labels["controller-uid"] = job.Uid;
        labels["job-name"] = job.Name;
    }

    private JsonObject Store(string key, FakePath path, JsonObject stored, string type)
    {
        stored.Ensure("metadata")["resourceVersion"] = Text(version + 1);
        objects[key] = stored;
        Publish(path, stored, type);
        return Clone(stored);
    }

    private void Publish(FakePath path, JsonObject subject, string type)
    {
        version++;
        var last = Clone(subject);
        last.Ensure("metadata")["resourceVersion"] = Text(version);
        history.Add((version, path.Collection, subject.Namespace, new JsonObject { ["type"] = type, ["object"] = last }));
        var waiting = changed;
        changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.SetResult();
    }

    private static bool Matches(JsonObject item, string? selector) => string.IsNullOrEmpty(selector) || selector.Split(',').All(term =>
        term.Split('=', 2) is [var key, var value] ? item.Label(key) == value : item.Label(term) is not null);

    private static string Key(FakePath path) => $"{path.Collection}/{path.Namespace}/{path.Name}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static JsonObject Clone(JsonObject source) => (JsonObject)source.DeepClone();
}
