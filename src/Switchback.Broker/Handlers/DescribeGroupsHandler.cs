using Switchback.Broker.Groups;
using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DescribeGroups 0-6. Left out: authorized operations.</summary>
internal sealed class DescribeGroupsHandler(Cluster cluster) : RequestHandler<DescribeGroupsRequest, DescribeGroupsResponse>
{
    protected override ValueTask<DescribeGroupsResponse?> HandleAsync(DescribeGroupsRequest request, RequestContext context)
    {
        var response = new DescribeGroupsResponse();
        foreach (var id in request.Groups)
        {
            var error = cluster.Groups.Check(id, context.Broker);
            if (error != KafkaError.None)
                response.Groups.Add(new() { GroupId = id, ErrorCode = error });
            else if (cluster.Groups.Find(id) is { } group)
                response.Groups.Add(group.Read(Describe));
            else
                response.Groups.Add(Missing(id, context.Version));
        }

        return new(response);
    }

    private static DescribeGroupsResponse.DescribedGroup Missing(string id, short version)
    {
        var dead = new DescribeGroupsResponse.DescribedGroup { GroupId = id, GroupState = nameof(GroupState.Dead) };
        if (version >= 6)
            (dead.ErrorCode, dead.ErrorMessage) = (KafkaError.GroupIdNotFound, $"Group {id} not found.");
        return dead;
    }

    private static DescribeGroupsResponse.DescribedGroup Describe(Group group, IReadOnlyCollection<GroupMember> members)
    {
        // While a rebalance runs there is no protocol and no assignment that would hold.
        var settled = group.State == GroupState.Stable;
        var described = new DescribeGroupsResponse.DescribedGroup
        {
            GroupId = group.Id,
            GroupState = group.State.ToString(),
            ProtocolType = group.ProtocolType ?? "",
            ProtocolData = settled ? group.ProtocolName ?? "" : "",
        };
        foreach (var member in members)
        {
            described.Members.Add(new()
            {
                MemberId = member.Id,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                MemberMetadata = settled ? member.MetadataFor(group.ProtocolName) : [],
                MemberAssignment = settled ? member.Assignment : [],
            });
        }

        return described;
    }
}
