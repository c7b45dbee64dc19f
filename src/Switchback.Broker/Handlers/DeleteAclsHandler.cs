using Switchback.Broker.Network;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DeleteAcls 1-3: each filter is refused, because there is no authorizer.</summary>
internal sealed class DeleteAclsHandler : RequestHandler<DeleteAclsRequest, DeleteAclsResponse>
{
    protected override ValueTask<DeleteAclsResponse?> HandleAsync(DeleteAclsRequest request, RequestContext context)
    {
        var response = new DeleteAclsResponse();
        response.FilterResults.AddRange(request.Filters.Select(_ => new DeleteAclsResponse.DeleteAclsFilterResult { ErrorCode = NoAuthorizer.Error, ErrorMessage = NoAuthorizer.Message }));
        return new(response);
    }
}
