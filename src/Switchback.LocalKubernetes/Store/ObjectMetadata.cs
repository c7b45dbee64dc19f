using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

/// <summary>Which part of an object a write replaces.</summary>
internal enum UpdateScope
{
    AllButStatus,
    StatusOnly,
    Everything,
}

/// <summary>The rules for <c>metadata</c> that hold for every kind.</summary>
internal static class ObjectMetadata
{
    /// <summary>Letters and digits without vowels and look-alikes, as generated names have them.</summary>
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Longest name that a generated suffix may make.</summary>
    private const int LongestGenerated = 63;

    /// <summary>Fields that only the server sets.</summary>
    private static readonly string[] ServerOwned = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generation", "selfLink"];

    public static string Format(long version) => version.ToString(CultureInfo.InvariantCulture);

    public static string RandomSuffix() => RandomNumberGenerator.GetString(NameAlphabet, 5);

    /// <summary>A new object's metadata.</summary>
    public static void Begin(ResourceType type, JsonObject item, DateTimeOffset now)
    {
        var metadata = item.Ensure("metadata");
        foreach (var field in ServerOwned)
        {
            metadata.Remove(field);
        }

        item["apiVersion"] = type.ApiVersion;
        item["kind"] = type.Kind;
        if (string.IsNullOrEmpty(item.Name()) && item.Text("metadata", "generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix[..Math.Min(prefix.Length, LongestGenerated - 5)] + RandomSuffix();
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = now.ToTimestamp();
        if (type.CountsGenerations)
        {
            metadata["generation"] = 1;
        }
    }

    /// <exception cref="StatusException">409 when the writer does not know the present state.</exception>
    public static void CheckUpdate(ResourceType type, JsonObject previous, JsonObject item)
    {
        if (item.Uid() is { Length: > 0 } uid && uid != previous.Uid())
        {
            throw StatusException.Conflict(
                type, item.Name(), $"Precondition failed: UID in precondition: {uid}, UID in object meta: {previous.Uid()}");
        }

        if (item.Text("metadata", "resourceVersion") is { Length: > 0 } known && known != "0" && known != previous.Text("metadata", "resourceVersion"))
        {
            throw StatusException.Stale(type, item.Name());
        }
    }

    /// <exception cref="StatusException">409 when the object is another one than the caller means.</exception>
    public static void CheckPreconditions(ResourceType type, JsonObject present, string? uid, string? version)
    {
        if (uid is not null && uid != present.Uid())
        {
            throw StatusException.Conflict(
                type, present.Name(), $"Precondition failed: UID in precondition: {uid}, UID in object meta: {present.Uid()}");
        }

        var presentVersion = present.Text("metadata", "resourceVersion");
        if (version is not null && version != presentVersion)
        {
            throw StatusException.Conflict(
                type, present.Name(), $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {presentVersion}");
        }
    }

    /// <summary>The new state: the writer's part from <paramref name="item"/>, everything else from <paramref name="previous"/>.</summary>
    public static JsonObject Merge(ResourceType type, JsonObject previous, JsonObject item, UpdateScope scope)
    {
        if (scope == UpdateScope.StatusOnly)
        {
            var kept = (JsonObject)previous.DeepClone();
            Take(kept, "status", item);
            return kept;
        }

        var merged = (JsonObject)item.DeepClone();
        merged["apiVersion"] = type.ApiVersion;
        merged["kind"] = type.Kind;
        var metadata = merged.Ensure("metadata");
        foreach (var field in ServerOwned)
        {
            Take(metadata, field, previous.Object("metadata") ?? []);
        }

        if (type.HasStatus && scope == UpdateScope.AllButStatus)
        {
            Take(merged, "status", previous);
        }

        return merged;
    }

    /// <summary>
    /// Counts a change of anything but metadata and status; for some kinds the annotations that a client changed too, but not those that a controller
    /// writes together with the status.
    /// </summary>
    public static void CountGeneration(ResourceType type, JsonObject previous, JsonObject item, UpdateScope scope)
    {
        if (!type.CountsGenerations)
        {
            return;
        }

        var changed = item.Select(field => field.Key).Union(previous.Select(field => field.Key))
            .Where(field => field is not ("metadata" or "status"))
            .Any(field => !JsonNode.DeepEquals(item[field], previous[field]));
        var annotated = type.CountsAnnotations && scope == UpdateScope.AllButStatus
            && !JsonNode.DeepEquals(item.At("metadata", "annotations"), previous.At("metadata", "annotations"));
        if (changed || annotated)
        {
            item.Ensure("metadata")["generation"] = previous.Generation() + 1;
        }
    }

    /// <summary>Sets the deletion timestamp, or shortens the grace period of a deletion under way.</summary>
    public static void MarkDeleted(ResourceType type, JsonObject item, DeleteOptions options, DateTimeOffset now)
    {
        var metadata = item.Ensure("metadata");
        var grace = type.DeletedGracefully ? Grace(item, options) : 0;
        var running = item.Number("metadata", "deletionGracePeriodSeconds");
        if (running is null || grace < running)
        {
            metadata["deletionTimestamp"] = now.AddSeconds(grace).ToTimestamp();
            metadata["deletionGracePeriodSeconds"] = grace;
            if (type.CountsGenerations && running is null)
            {
                metadata["generation"] = item.Generation() + 1;
            }
        }

        var finalizer = options.Propagation switch
        {
            Propagation.Foreground => "foregroundDeletion",
            Propagation.Orphan => "orphan",
            _ => null,
        };
        if (finalizer is not null && running is null && !item.Finalizers().Contains(finalizer))
        {
            metadata["finalizers"] = new JsonArray([.. item.Finalizers().Append(finalizer).Select(name => (JsonNode)name)]);
        }
    }

    /// <summary>Whether an object marked as deleted has nothing left to wait for.</summary>
    public static bool MayGo(ResourceType type, JsonObject item) =>
        !item.Finalizers().Any() &&
        (!type.DeletedGracefully || item.Number("metadata", "deletionGracePeriodSeconds") is null or 0) &&
        (type != ResourceTypes.Namespace || item.At("spec", "finalizers") is not JsonArray { Count: > 0 });

    private static long Grace(JsonObject item, DeleteOptions options)
    {
        // Nobody has to end a pod that was never placed, or that has ended by itself.
        if (item.Text("spec", "nodeName") is not { Length: > 0 } || item.Text("status", "phase") is "Succeeded" or "Failed")
        {
            return 0;
        }

        return Math.Max(0, options.GracePeriodSeconds ?? item.Number("spec", "terminationGracePeriodSeconds") ?? 30);
    }

    private static void Take(JsonObject into, string field, JsonObject from)
    {
        if (from.TryGetPropertyValue(field, out var value))
        {
            into[field] = value?.DeepClone();
        }
        else
        {
            into.Remove(field);
        }
    }
}
