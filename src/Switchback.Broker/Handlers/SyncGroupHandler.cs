using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>SyncGroup 0-5: the leader's assignment, handed to each member.</summary>
internal sealed class SyncGroupHandler(Cluster cluster) : RequestHandler<SyncGroupRequest, SyncGroupResponse>
{
    protected override async ValueTask<SyncGroupResponse?> HandleAsync(SyncGroupRequest request, RequestContext context)
    {
        var error = cluster.Groups.Check(request.GroupId, context.Broker);
        if (error != KafkaError.None)
            return new SyncGroupResponse { ErrorCode = error };
        return cluster.Groups.Find(request.GroupId) is { } group
            ? await group.SyncAsync(request).WaitAsync(context.Stopping)
            : new SyncGroupResponse { ErrorCode = KafkaError.UnknownMemberId };
    }
}
