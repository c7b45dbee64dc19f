using Switchback.Broker.Groups;
using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>OffsetFetch 1-10: one group, or from version 8 on several; all topics or some; by topic id from version 10 on.</summary>
internal sealed class OffsetFetchHandler(Cluster cluster) : RequestHandler<OffsetFetchRequest, OffsetFetchResponse>
{
    private readonly record struct Found(long Offset, int LeaderEpoch, string Metadata, KafkaError Error);

    protected override ValueTask<OffsetFetchResponse?> HandleAsync(OffsetFetchRequest request, RequestContext context)
    {
        var response = new OffsetFetchResponse();
        if (context.Version < 8)
            AnswerOne(request, response, context);
        else
            request.Groups.ForEach(asked => response.Groups.Add(Answer(asked, request.RequireStable, context)));
        return new(response);
    }

    private void AnswerOne(OffsetFetchRequest request, OffsetFetchResponse response, RequestContext context)
    {
        response.ErrorCode = cluster.Groups.Check(request.GroupId, context.Broker);
        var group = cluster.Groups.Find(request.GroupId);
        var topics = request.Topics?.Select(t => (t.Name, t.PartitionIndexes)) ?? (response.ErrorCode == KafkaError.None ? Committed(group) : []);
        foreach (var (name, partitions) in topics)
        {
            var answer = new OffsetFetchResponse.OffsetFetchResponseTopic { Name = name };
            foreach (var index in partitions)
            {
                var found = response.ErrorCode == KafkaError.None ? Look(group, name, index, request.RequireStable) : new Found(-1, -1, "", response.ErrorCode);
                answer.Partitions.Add(new()
                {
                    PartitionIndex = index,
                    CommittedOffset = found.Offset,
                    CommittedLeaderEpoch = found.LeaderEpoch,
                    Metadata = found.Metadata,
                    ErrorCode = found.Error,
                });
            }

            response.Topics.Add(answer);
        }
    }

    private OffsetFetchResponse.OffsetFetchResponseGroup Answer(OffsetFetchRequest.OffsetFetchRequestGroup asked, bool stable, RequestContext context)
    {
        var response = new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = asked.GroupId, ErrorCode = cluster.Groups.Check(asked.GroupId, context.Broker) };
        if (response.ErrorCode != KafkaError.None)
            return response;
        var group = cluster.Groups.Find(asked.GroupId);
        var topics = asked.Topics?.Select(t => (Name: context.Version >= 10 ? cluster.Topics.Find(t.TopicId)?.Name : t.Name, t.TopicId, t.PartitionIndexes))
            ?? Committed(group).Select(t => (Name: (string?)t.Name, TopicId: cluster.Topics.Find(t.Name)?.Id ?? Guid.Empty, PartitionIndexes: t.Partitions))
                .Where(t => context.Version < 10 || t.TopicId != Guid.Empty);
        foreach (var (name, id, partitions) in topics)
        {
            var answer = new OffsetFetchResponse.OffsetFetchResponseTopics { Name = name ?? "", TopicId = id };
            foreach (var index in partitions)
            {
                var found = name is null ? new Found(-1, -1, "", KafkaError.UnknownTopicId) : Look(group, name, index, stable);
                answer.Partitions.Add(new()
                {
                    PartitionIndex = index,
                    CommittedOffset = found.Offset,
                    CommittedLeaderEpoch = found.LeaderEpoch,
                    Metadata = found.Metadata,
                    ErrorCode = found.Error,
                });
            }

            response.Topics.Add(answer);
        }

        return response;
    }

    private static IEnumerable<(string Name, List<int> Partitions)> Committed(Group? group) =>
        group is null ? [] : group.Offsets().GroupBy(o => o.Key.Topic).Select(t => (t.Key, t.Select(o => o.Key.Partition).Order().ToList()));

    private static Found Look(Group? group, string topic, int index, bool stable)
    {
        var partition = new TopicPartition(topic, index);
        if (stable && group?.HasUndecided(partition) == true)
            return new Found(-1, -1, "", KafkaError.UnstableOffsetCommit);
        return group?.OffsetOf(partition) is { } offset ? new Found(offset.Offset, offset.LeaderEpoch, offset.Metadata, KafkaError.None) : new Found(-1, -1, "", KafkaError.None);
    }
}
