using Switchback.Kafka.Client;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Groups;

/// <summary>
/// Translates a group's place on a link's source to its target: a source topic's to its copy, by this link's map; and, where a link leads back,
/// a copy's to the original on the target, by that link's map read the other way.
/// </summary>
internal sealed class OffsetTranslator(MirrorLink link, IReadOnlyList<MirrorLink> all)
{
    private readonly MirrorLink[] _back =
        [.. all.Where(other => other.Options.Source == link.Options.Target && other.Options.Target == link.Options.Source)];

    /// <summary>
    /// The partition on the target, and the offset of the first record there that the group has not read; as far as records have arrived. Null
    /// while nothing can be said.
    /// </summary>
    public (TopicPartition Partition, long Offset)? Translate(TopicPartition partition, long offset)
    {
        if (link.Session?.FindBySource(partition) is { } forward)
            return forward.ToTarget(offset) is { } target ? (forward.Target, target) : null;
        foreach (var other in _back)
        {
            if (other.Session?.FindByTarget(partition) is { } back)
                return back.ToSource(offset) is { } source ? (back.Source, source) : null;
        }

        return null;
    }
}
