using Switchback.Broker.Network;

namespace Switchback.Broker.Handlers;

/// <summary>Every API the cluster serves. Dispatch, ApiVersions and the coverage table all follow from this list.</summary>
internal static class HandlerTable
{
    public static IReadOnlyList<RequestHandler> Create(Cluster cluster)
    {
        List<RequestHandler> handlers = [];
        handlers.AddRange(
        [
            new ApiVersionsHandler(() => handlers),
            new SaslHandshakeHandler(),
            new SaslAuthenticateHandler(),
            new MetadataHandler(cluster),
            new ProduceHandler(cluster),
            new FetchHandler(cluster),
            new ListOffsetsHandler(cluster),
            new CreateTopicsHandler(cluster),
            new DeleteTopicsHandler(cluster),
            new CreatePartitionsHandler(cluster),
            new DeleteRecordsHandler(cluster),
            new DescribeClusterHandler(cluster),
            new DescribeTopicPartitionsHandler(cluster),
            new OffsetForLeaderEpochHandler(cluster),
            new DescribeConfigsHandler(cluster),
            new AlterConfigsHandler(cluster),
            new IncrementalAlterConfigsHandler(cluster),
            new DescribeProducersHandler(cluster),
            new FindCoordinatorHandler(cluster),
            new JoinGroupHandler(cluster),
            new SyncGroupHandler(cluster),
            new HeartbeatHandler(cluster),
            new LeaveGroupHandler(cluster),
            new OffsetCommitHandler(cluster),
            new OffsetFetchHandler(cluster),
            new OffsetDeleteHandler(cluster),
            new ListGroupsHandler(cluster),
            new DescribeGroupsHandler(cluster),
            new DeleteGroupsHandler(cluster),
            new InitProducerIdHandler(cluster),
            new AddPartitionsToTxnHandler(cluster),
            new AddOffsetsToTxnHandler(cluster),
            new EndTxnHandler(cluster),
            new TxnOffsetCommitHandler(cluster),
            new ListTransactionsHandler(cluster),
            new DescribeTransactionsHandler(cluster),
            new DescribeAclsHandler(),
            new CreateAclsHandler(),
            new DeleteAclsHandler(),
        ]);
        return handlers;
    }
}
