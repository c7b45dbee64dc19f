using Switchback.Broker.Groups;
using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>OffsetCommit 2-10, by name and by topic id. Left out: the retention time of versions 2-4, which Apache Kafka ignores where it can, too.</summary>
internal sealed class OffsetCommitHandler(Cluster cluster) : RequestHandler<OffsetCommitRequest, OffsetCommitResponse>
{
    protected override ValueTask<OffsetCommitResponse?> HandleAsync(OffsetCommitRequest request, RequestContext context)
    {
        var error = cluster.Groups.Check(request.GroupId, context.Broker);
        if (error == KafkaError.None)
            error = CheckGroup(request);
        var response = new OffsetCommitResponse();
        var accepted = new Dictionary<TopicPartition, CommittedOffset>();
        var named = new List<OffsetCommitResponse.OffsetCommitResponsePartition>();
        foreach (var topicData in request.Topics)
        {
            var topic = context.Version >= 10 ? cluster.Topics.Find(topicData.TopicId) : cluster.Topics.Find(topicData.Name);
            var answer = new OffsetCommitResponse.OffsetCommitResponseTopic { Name = topicData.Name, TopicId = topicData.TopicId };
            foreach (var data in topicData.Partitions)
            {
                var entry = new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = data.PartitionIndex, ErrorCode = error };
                if (error == KafkaError.None)
                    entry.ErrorCode = Check(topic, data, context.Version);
                if (entry.ErrorCode == KafkaError.None)
                {
                    accepted[new TopicPartition(topic!.Name, data.PartitionIndex)] =
                        new CommittedOffset(data.CommittedOffset, data.CommittedLeaderEpoch, data.CommittedMetadata ?? "", cluster.Now);
                    named.Add(entry);
                }

                answer.Partitions.Add(entry);
            }

            response.Topics.Add(answer);
        }

        if (accepted.Count > 0 && cluster.Groups.FindOrCreate(request.GroupId).Commit(accepted) is var stored and not KafkaError.None)
            named.ForEach(entry => entry.ErrorCode = stored);
        return new(response);
    }

    private KafkaError CheckGroup(OffsetCommitRequest request)
    {
        if (cluster.Groups.Find(request.GroupId) is { } group)
            return group.CheckCommit(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch, transactional: false);
        return request.GenerationIdOrMemberEpoch < 0 ? KafkaError.None : KafkaError.IllegalGeneration;
    }

    private KafkaError Check(Topic? topic, OffsetCommitRequest.OffsetCommitRequestPartition data, short version)
    {
        if (topic is null && version >= 10)
            return KafkaError.UnknownTopicId;
        if (topic is null || (uint)data.PartitionIndex >= (uint)topic.Partitions.Count)
            return KafkaError.UnknownTopicOrPartition;
        return data.CommittedMetadata?.Length > cluster.Groups.Settings.MaxMetadataBytes ? KafkaError.OffsetMetadataTooLarge : KafkaError.None;
    }
}
