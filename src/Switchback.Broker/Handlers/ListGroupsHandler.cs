using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>ListGroups 0-5: the groups this broker coordinates, by state and type. All of them are classic.</summary>
internal sealed class ListGroupsHandler(Cluster cluster) : RequestHandler<ListGroupsRequest, ListGroupsResponse>
{
    private const string Type = "classic";

    protected override ValueTask<ListGroupsResponse?> HandleAsync(ListGroupsRequest request, RequestContext context)
    {
        var response = new ListGroupsResponse();
        if (request.TypesFilter.Count > 0 && !request.TypesFilter.Contains(Type, StringComparer.OrdinalIgnoreCase))
            return new(response);
        foreach (var group in cluster.Groups.All.Where(g => cluster.Groups.Check(g.Id, context.Broker) == KafkaError.None))
        {
            var state = group.State.ToString();
            if (request.StatesFilter.Count == 0 || request.StatesFilter.Contains(state, StringComparer.OrdinalIgnoreCase))
                response.Groups.Add(new() { GroupId = group.Id, ProtocolType = group.ProtocolType ?? "", GroupState = state, GroupType = Type });
        }

        return new(response);
    }
}
