using System.Text.Json.Nodes;

namespace Switchback.LocalKubernetes.Store;

internal enum WatchEventType
{
    Added,
    Modified,
    Deleted,

    /// <summary>Nothing changed; says up to which resource version everything has been seen.</summary>
    Bookmark,
}

/// <summary>One change. A deletion carries the last state, with the resource version of the deletion.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Stored">The state after the change.</param>
/// <param name="Previous">The state before it, for a modification or a deletion.</param>
/// <param name="ResourceVersion">The version that the change made.</param>
internal sealed record WatchEvent(WatchEventType Type, StoredObject? Stored, StoredObject? Previous, long ResourceVersion)
{
    /// <summary>A shared snapshot: never to be changed. Empty for a bookmark.</summary>
    public JsonObject Object => Stored?.Value ?? Empty;

    private static JsonObject Empty { get; } = [];

    /// <summary>The event as a watch with selectors sees it: coming into and leaving the selection are additions and deletions. Null when it concerns nothing selected.</summary>
    public WatchEvent? Select(LabelSelector labels, FieldSelector fields)
    {
        if (Type == WatchEventType.Bookmark)
        {
            return this;
        }

        var now = Type != WatchEventType.Deleted && Matches(Stored, labels, fields);
        var before = Type != WatchEventType.Added && Matches(Previous, labels, fields);
        return (before, now) switch
        {
            (false, false) => null,
            (false, true) => Type == WatchEventType.Added ? this : this with { Type = WatchEventType.Added },
            (true, false) => Type == WatchEventType.Deleted ? this : this with { Type = WatchEventType.Deleted },
            _ => this,
        };
    }

    private static bool Matches(StoredObject? item, LabelSelector labels, FieldSelector fields) =>
        item is not null && labels.Matches(item.Value) && fields.Matches(item.Value);
}
