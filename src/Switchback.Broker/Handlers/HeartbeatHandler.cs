using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>Heartbeat 0-4.</summary>
internal sealed class HeartbeatHandler(Cluster cluster) : RequestHandler<HeartbeatRequest, HeartbeatResponse>
{
    protected override ValueTask<HeartbeatResponse?> HandleAsync(HeartbeatRequest request, RequestContext context)
    {
        var error = cluster.Groups.Check(request.GroupId, context.Broker);
        if (error == KafkaError.None)
            error = cluster.Groups.Find(request.GroupId)?.Heartbeat(request) ?? KafkaError.UnknownMemberId;
        return new(new HeartbeatResponse { ErrorCode = error });
    }
}
