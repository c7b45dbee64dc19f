using Switchback.Kafka;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Groups;

/// <content>What nobody has used for <c>offsets.retention.minutes</c> is forgotten, by Apache Kafka's rules.</content>
internal sealed partial class Group
{
    /// <summary>When the last member left, in milliseconds since 1970; null when there never was one.</summary>
    private long? _emptySince;

    /// <summary>Forgets offsets that are too old; true when nothing is left of the group and it is gone, too.</summary>
    public bool Expire(long now, TimeSpan retention)
    {
        lock (_gate)
        {
            if (State == GroupState.Dead)
                return false;
            var limit = now - (long)retention.TotalMilliseconds;
            TopicPartition[] expired = [.. _offsets.Where(o => !HasUndecided(o.Key) && LastUse(o.Key.Topic, o.Value) <= limit).Select(o => o.Key)];
            return ForgetOffsets(expired) == KafkaError.None && RemoveIfUnused();
        }
    }

    /// <summary>
    /// From when an offset's age counts: from its commit where there never were members, or for a topic that no member reads any more; else from when the last member
    /// left. While members read the topic it has no age.
    /// </summary>
    private long LastUse(string topic, CommittedOffset offset) => State switch
    {
        GroupState.Empty => _emptySince ?? offset.CommittedAt,
        GroupState.Stable when ProtocolType == "consumer" && Subscribed() is { } topics && !topics.Contains(topic) => offset.CommittedAt,
        _ => long.MaxValue,
    };

    private bool RemoveIfUnused()
    {
        if (State != GroupState.Empty || _offsets.Count > 0 || _undecided.Count > 0 || _pending.Count > 0)
            return false;
        if (Generation > 0 && log.Forget(Id) != KafkaError.None)
            return false;
        State = GroupState.Dead;
        StopTimers();
        return true;
    }

    /// <summary>The topics the members read; null when one of them does not say so in a form that is known.</summary>
    private HashSet<string>? Subscribed()
    {
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in _members.Values)
        {
            var reader = new WireReader(member.MetadataFor(ProtocolName));
            reader.ReadInt16();
            var count = reader.ReadCount(flexible: false, nullable: false, leastElementSize: 2);
            for (var i = 0; i < count; i++)
                topics.Add(reader.ReadString(flexible: false));
            if (reader.Failure is not null)
                return null;
        }

        return topics;
    }
}
