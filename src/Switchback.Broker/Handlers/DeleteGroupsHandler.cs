using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DeleteGroups 0-2: groups without members, with their offsets.</summary>
internal sealed class DeleteGroupsHandler(Cluster cluster) : RequestHandler<DeleteGroupsRequest, DeleteGroupsResponse>
{
    protected override ValueTask<DeleteGroupsResponse?> HandleAsync(DeleteGroupsRequest request, RequestContext context)
    {
        var response = new DeleteGroupsResponse();
        foreach (var id in request.GroupsNames)
        {
            var error = cluster.Groups.Check(id, context.Broker);
            response.Results.Add(new() { GroupId = id, ErrorCode = error == KafkaError.None ? cluster.Groups.Delete(id) : error });
        }

        return new(response);
    }
}
