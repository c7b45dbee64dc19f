using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Mirror.Groups;

/// <summary>A committed offset.</summary>
internal readonly record struct CommittedOffset(long Offset, string? Metadata);

/// <summary>Reads and writes a group's committed offsets, on a connection to its coordinator.</summary>
internal static class GroupOffsets
{
    // Later versions name topics by their ids.
    private const short HighestWithNames = 9;
    private const short LowestWithGroups = 8;

    public static async Task<IReadOnlyDictionary<TopicPartition, CommittedOffset>> FetchAsync(KafkaConnection connection, string group, CancellationToken cancellation)
    {
        var version = Math.Min(HighestWithNames, connection.NegotiatedVersion(OffsetFetchRequest.ApiKey));
        var request = new OffsetFetchRequest();
        if (version >= LowestWithGroups)
            request.Groups.Add(new OffsetFetchRequest.OffsetFetchRequestGroup { GroupId = group, Topics = null });
        else
            (request.GroupId, request.Topics) = (group, null);
        var response = await connection.SendAsync(request, version, cancellation).ConfigureAwait(false);
        var offsets = new Dictionary<TopicPartition, CommittedOffset>();
        if (version >= LowestWithGroups)
        {
            var answer = response.Groups.Find(g => g.GroupId == group) ?? throw new KafkaErrorException(KafkaError.UnknownServerError, $"offsets of group {group}");
            ThrowIfFailed(answer.ErrorCode, group);
            foreach (var topic in answer.Topics)
            {
                foreach (var partition in topic.Partitions.Where(p => p.ErrorCode == KafkaError.None && p.CommittedOffset >= 0))
                    offsets[new TopicPartition(topic.Name, partition.PartitionIndex)] = new CommittedOffset(partition.CommittedOffset, partition.Metadata);
            }

            return offsets;
        }

        ThrowIfFailed(response.ErrorCode, group);
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions.Where(p => p.ErrorCode == KafkaError.None && p.CommittedOffset >= 0))
                offsets[new TopicPartition(topic.Name, partition.PartitionIndex)] = new CommittedOffset(partition.CommittedOffset, partition.Metadata);
        }

        return offsets;
    }

    /// <summary>Commits from outside the group, and answers what was taken: null when it has members, who alone may.</summary>
    public static async Task<IReadOnlyCollection<TopicPartition>?> CommitAsync(
        KafkaConnection connection, string group, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken cancellation)
    {
        var version = Math.Min(HighestWithNames, connection.NegotiatedVersion(OffsetCommitRequest.ApiKey));
        var request = new OffsetCommitRequest { GroupId = group, GenerationIdOrMemberEpoch = -1, MemberId = "" };
        foreach (var topic in offsets.GroupBy(o => o.Key.Topic))
        {
            request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(o => new OffsetCommitRequest.OffsetCommitRequestPartition
                {
                    PartitionIndex = o.Key.Partition,
                    CommittedOffset = o.Value.Offset,
                    CommittedMetadata = o.Value.Metadata ?? "",
                })],
            });
        }

        var response = await connection.SendAsync(request, version, cancellation).ConfigureAwait(false);
        var taken = new List<TopicPartition>();
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                switch (partition.ErrorCode)
                {
                    case KafkaError.None:
                        taken.Add(new TopicPartition(topic.Name, partition.PartitionIndex));
                        break;
                    case KafkaError.UnknownMemberId or KafkaError.IllegalGeneration or KafkaError.RebalanceInProgress or KafkaError.StaleMemberEpoch:
                        return null;
                    case KafkaError.UnknownTopicOrPartition:
                        // On its way to being created, or gone again: the next round says.
                        break;
                    default:
                        throw new KafkaErrorException(partition.ErrorCode, $"commit offsets of group {group}");
                }
            }
        }

        return taken;
    }

    /// <summary>Whether somebody is in the group, and whether it waits for its members to join anew, so that nobody reads.</summary>
    public static async Task<(bool HasMembers, bool IsGathering)> DescribeAsync(KafkaConnection connection, string group, CancellationToken cancellation)
    {
        var request = new DescribeGroupsRequest();
        request.Groups.Add(group);
        var response = await connection.SendAsync(request, cancellation).ConfigureAwait(false);
        return response.Groups is [var described, ..] ? (described.Members.Count > 0, described.GroupState == "PreparingRebalance") : default;
    }

    private static void ThrowIfFailed(KafkaError error, string group)
    {
        if (error is not (KafkaError.None or KafkaError.GroupIdNotFound))
            throw new KafkaErrorException(error, $"offsets of group {group}");
    }
}
