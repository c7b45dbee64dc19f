using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Mirror.Tests.Copying;

/// <summary>A group's committed offset, as an administrator writes and reads it.</summary>
internal static class GroupOffsetsOfTests
{
    public static async Task CommitAsync(ClusterClient client, string group, TopicPartition partition, long offset, string metadata = "")
    {
        var request = new OffsetCommitRequest { GroupId = group, GenerationIdOrMemberEpoch = -1, MemberId = "" };
        request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic
        {
            Name = partition.Topic,
            Partitions = [new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = partition.Partition, CommittedOffset = offset, CommittedMetadata = metadata }],
        });
        await Eventually.HoldsAsync(async () => (await AskAsync(client, group, request))?.Topics[0].Partitions[0].ErrorCode == KafkaError.None, $"commit {offset} of {group}");
    }

    public static async Task<long?> FetchAsync(ClusterClient client, string group, TopicPartition partition)
    {
        var request = new OffsetFetchRequest();
        request.Groups.Add(new OffsetFetchRequest.OffsetFetchRequestGroup
        {
            GroupId = group,
            Topics = [new OffsetFetchRequest.OffsetFetchRequestTopics { Name = partition.Topic, PartitionIndexes = [partition.Partition] }],
        });
        var response = await AskAsync(client, group, request);
        return response?.Groups[0].Topics.FirstOrDefault()?.Partitions.FirstOrDefault()?.CommittedOffset;
    }

    private static async Task<TResponse?> AskAsync<TRequest, TResponse>(ClusterClient client, string group, IKafkaRequest<TRequest, TResponse> request)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        try
        {
            var connection = await client.ConnectToCoordinatorAsync(CoordinatorType.Group, group, TestContext.Current.CancellationToken);
            return await connection.SendAsync(request, Math.Min((short)9, connection.NegotiatedVersion(request)), TestContext.Current.CancellationToken);
        }
        catch (KafkaErrorException e) when (e.Error.IsRetriable())
        {
            // The group's coordinator is still being made.
            return default;
        }
    }
}
