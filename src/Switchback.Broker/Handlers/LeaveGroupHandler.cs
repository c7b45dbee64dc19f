using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>LeaveGroup 0-5: one member, or from version 3 on several, static ones by name.</summary>
internal sealed class LeaveGroupHandler(Cluster cluster) : RequestHandler<LeaveGroupRequest, LeaveGroupResponse>
{
    protected override ValueTask<LeaveGroupResponse?> HandleAsync(LeaveGroupRequest request, RequestContext context)
    {
        var error = cluster.Groups.Check(request.GroupId, context.Broker);
        var response = new LeaveGroupResponse { ErrorCode = error };
        if (error != KafkaError.None)
            return new(response);
        var group = cluster.Groups.Find(request.GroupId);
        if (context.Version < 3)
        {
            response.ErrorCode = group?.Leave(request.MemberId, null) ?? KafkaError.UnknownMemberId;
            return new(response);
        }

        foreach (var member in request.Members)
        {
            response.Members.Add(new()
            {
                MemberId = member.MemberId,
                GroupInstanceId = member.GroupInstanceId,
                ErrorCode = group?.Leave(member.MemberId, member.GroupInstanceId) ?? KafkaError.UnknownMemberId,
            });
        }

        return new(response);
    }
}
