using Switchback.Broker.Network;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DescribeAcls 1-3: there are none, and no authorizer that would look at them.</summary>
internal sealed class DescribeAclsHandler : RequestHandler<DescribeAclsRequest, DescribeAclsResponse>
{
    protected override ValueTask<DescribeAclsResponse?> HandleAsync(DescribeAclsRequest request, RequestContext context) =>
        new(new DescribeAclsResponse { ErrorCode = NoAuthorizer.Error, ErrorMessage = NoAuthorizer.Message });
}
