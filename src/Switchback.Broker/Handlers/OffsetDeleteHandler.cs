using Switchback.Broker.Groups;
using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Handlers;

/// <summary>OffsetDelete 0: forgets offsets of topics that no member of the group reads.</summary>
internal sealed class OffsetDeleteHandler(Cluster cluster) : RequestHandler<OffsetDeleteRequest, OffsetDeleteResponse>
{
    protected override ValueTask<OffsetDeleteResponse?> HandleAsync(OffsetDeleteRequest request, RequestContext context)
    {
        var error = cluster.Groups.Check(request.GroupId, context.Broker);
        var group = cluster.Groups.Find(request.GroupId);
        if (error == KafkaError.None && group is null)
            error = KafkaError.GroupIdNotFound;
        var response = new OffsetDeleteResponse { ErrorCode = error };
        if (error != KafkaError.None)
            return new(response);
        var subscribed = group!.Read((g, members) => g.ProtocolType == "consumer" ? members.SelectMany(m => Topics(m.MetadataFor(g.ProtocolName))).ToHashSet() : []);
        foreach (var topic in request.Topics)
        {
            var answer = new OffsetDeleteResponse.OffsetDeleteResponseTopic { Name = topic.Name };
            foreach (var partition in topic.Partitions)
            {
                var refused = cluster.Topics.Find(topic.Name, partition.PartitionIndex) is null ? KafkaError.UnknownTopicOrPartition
                    : subscribed.Contains(topic.Name) ? KafkaError.GroupSubscribedToTopic
                    : group.ForgetOffsets([new TopicPartition(topic.Name, partition.PartitionIndex)]);
                answer.Partitions.Add(new() { PartitionIndex = partition.PartitionIndex, ErrorCode = refused });
            }

            response.Topics.Add(answer);
        }

        return new(response);
    }

    private static List<string> Topics(byte[] subscription)
    {
        var reader = new WireReader(subscription);
        var version = Math.Min(reader.ReadInt16(), ConsumerProtocolSubscription.HighestVersion);
        return version < 0 ? [] : ConsumerProtocolSubscription.Read(ref reader, version).Topics;
    }
}
