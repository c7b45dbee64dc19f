using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>What happened to an object.</summary>
public enum WatchEventType
{
    /// <summary>It was created, or was there when the watch began.</summary>
    Added,

    /// <summary>It was changed.</summary>
    Modified,

    /// <summary>It was deleted, or no longer matches the selector; the object is its last state.</summary>
    Deleted,

    /// <summary>Nothing happened up to this resourceVersion; the object carries no more than that.</summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The object after it.</param>
public sealed record WatchEvent(WatchEventType Type, JsonObject Object);
