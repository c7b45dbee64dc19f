using Switchback.Kafka;

namespace Switchback.Broker.Groups;

/// <summary>Where groups are kept so that they survive a crash; the seam at which the state machine is tested without a disk.</summary>
internal interface IGroupLog
{
    /// <summary>Keeps the group as it is: its generation and members. Called under the group's lock.</summary>
    KafkaError Save(Group group, IReadOnlyCollection<GroupMember> members);

    /// <summary>Keeps committed offsets.</summary>
    KafkaError Save(string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets);

    /// <summary>Forgets committed offsets.</summary>
    KafkaError Forget(string group, IReadOnlyCollection<TopicPartition> offsets);

    /// <summary>Forgets the group itself.</summary>
    KafkaError Forget(string group);
}

/// <summary>A partition by name.</summary>
internal readonly record struct TopicPartition(string Topic, int Partition);

/// <summary>How far a group has come in a partition.</summary>
/// <param name="Offset">The next offset to read.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record read; -1 when it was not said.</param>
/// <param name="Metadata">What the client keeps with it.</param>
/// <param name="CommittedAt">When it was committed, in milliseconds since 1970.</param>
internal readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommittedAt);
