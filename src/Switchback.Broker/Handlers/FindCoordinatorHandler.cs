using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>FindCoordinator 0-6, for groups and transactional ids. Left out: share groups.</summary>
internal sealed class FindCoordinatorHandler(Cluster cluster) : RequestHandler<FindCoordinatorRequest, FindCoordinatorResponse>
{
    private const sbyte Group = 0;
    private const sbyte Transaction = 1;

    protected override ValueTask<FindCoordinatorResponse?> HandleAsync(FindCoordinatorRequest request, RequestContext context)
    {
        var response = new FindCoordinatorResponse();
        if (context.Version >= 4)
        {
            foreach (var key in request.CoordinatorKeys)
                response.Coordinators.Add(Find(key, request.KeyType));
            return new(response);
        }

        var found = Find(request.Key, request.KeyType);
        (response.ErrorCode, response.NodeId, response.Host, response.Port) = (found.ErrorCode, found.NodeId, found.Host, found.Port);
        if (context.Version >= 1)
            response.ErrorMessage = found.ErrorMessage;
        return new(response);
    }

    private FindCoordinatorResponse.Coordinator Find(string key, sbyte type)
    {
        var answer = new FindCoordinatorResponse.Coordinator { Key = key, NodeId = -1, Port = -1 };
        if (type is not (Group or Transaction) || (type == Transaction && key.Length == 0))
        {
            answer.ErrorCode = KafkaError.InvalidRequest;
            return answer;
        }

        Topic? topic = null;
        if (StorageGuard.Try(() => topic = cluster.Creation.Internal(type == Group ? InternalTopics.Offsets : InternalTopics.Transactions)) != KafkaError.None)
        {
            answer.ErrorCode = KafkaError.CoordinatorNotAvailable;
            return answer;
        }

        var leader = topic!.Partitions[CoordinatorPartition.Of(key, topic.Partitions.Count)].Leader;
        if (cluster.Brokers.FirstOrDefault(b => b.Id == leader) is { } broker)
            (answer.NodeId, answer.Host, answer.Port) = (broker.Id, broker.Host, broker.Port);
        else
            answer.ErrorCode = KafkaError.CoordinatorNotAvailable;
        return answer;
    }
}
