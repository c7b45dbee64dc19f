using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>AlterConfigs 0-2 for topics: the whole configuration is replaced. Left out: brokers, whose configuration is fixed at the start.</summary>
internal sealed class AlterConfigsHandler(Cluster cluster) : RequestHandler<AlterConfigsRequest, AlterConfigsResponse>
{
    protected override ValueTask<AlterConfigsResponse?> HandleAsync(AlterConfigsRequest request, RequestContext context)
    {
        var response = new AlterConfigsResponse();
        foreach (var asked in request.Resources)
        {
            var (error, message) = ConfigurationChange.Make(cluster, asked.ResourceType, asked.ResourceName, request.ValidateOnly, _ => (Wanted(asked), KafkaError.None, null));
            response.Responses.Add(new() { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName, ErrorCode = error, ErrorMessage = message });
        }

        return new(response);
    }

    private static Dictionary<string, string> Wanted(AlterConfigsRequest.AlterConfigsResource asked) =>
        asked.Configs.Where(c => c.Value is not null).GroupBy(c => c.Name).ToDictionary(g => g.Key, g => g.Last().Value!);
}
