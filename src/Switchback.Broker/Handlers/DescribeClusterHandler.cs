using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DescribeCluster 0-2. Left out: the controllers' own endpoint, authorized operations.</summary>
internal sealed class DescribeClusterHandler(Cluster cluster) : RequestHandler<DescribeClusterRequest, DescribeClusterResponse>
{
    private const sbyte Brokers = 1;

    protected override ValueTask<DescribeClusterResponse?> HandleAsync(DescribeClusterRequest request, RequestContext context)
    {
        var response = new DescribeClusterResponse { ClusterId = cluster.Id, ControllerId = cluster.ControllerId };
        if (context.Version >= 1 && request.EndpointType != Brokers)
        {
            response.ErrorCode = KafkaError.MismatchedEndpointType;
            return new(response);
        }

        foreach (var broker in cluster.LiveBrokers)
            response.Brokers.Add(new() { BrokerId = broker.Id, Host = broker.Host, Port = broker.Port });
        return new(response);
    }
}
