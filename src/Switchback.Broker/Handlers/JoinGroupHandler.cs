using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>JoinGroup 0-9: the classic protocol, static members and the member id handed out first included. Left out: consumers of KIP-848 in the same group.</summary>
internal sealed class JoinGroupHandler(Cluster cluster) : RequestHandler<JoinGroupRequest, JoinGroupResponse>
{
    protected override async ValueTask<JoinGroupResponse?> HandleAsync(JoinGroupRequest request, RequestContext context)
    {
        var error = cluster.Groups.Check(request.GroupId, context.Broker);
        var response = error == KafkaError.None
            ? await cluster.Groups.JoinAsync(request, context.Version, context.ClientId, context.Session.ClientHost).WaitAsync(context.Stopping)
            : new JoinGroupResponse { ErrorCode = error, MemberId = request.MemberId, ProtocolName = "", Leader = "" };
        if (context.Version < 9)
            response.SkipAssignment = false;
        if (context.Version < 7)
            response.ProtocolName ??= "";
        return response;
    }
}
