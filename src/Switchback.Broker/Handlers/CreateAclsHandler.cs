using Switchback.Broker.Network;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>CreateAcls 1-3: each is refused, because there is no authorizer.</summary>
internal sealed class CreateAclsHandler : RequestHandler<CreateAclsRequest, CreateAclsResponse>
{
    protected override ValueTask<CreateAclsResponse?> HandleAsync(CreateAclsRequest request, RequestContext context)
    {
        var response = new CreateAclsResponse();
        response.Results.AddRange(request.Creations.Select(_ => new CreateAclsResponse.AclCreationResult { ErrorCode = NoAuthorizer.Error, ErrorMessage = NoAuthorizer.Message }));
        return new(response);
    }
}
