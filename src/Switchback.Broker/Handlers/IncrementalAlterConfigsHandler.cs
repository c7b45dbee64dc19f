using Switchback.Broker.Network;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>IncrementalAlterConfigs 0-1 for topics: set, delete, append, subtract. Left out: brokers, whose configuration is fixed at the start.</summary>
internal sealed class IncrementalAlterConfigsHandler(Cluster cluster) : RequestHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    protected override ValueTask<IncrementalAlterConfigsResponse?> HandleAsync(IncrementalAlterConfigsRequest request, RequestContext context)
    {
        var response = new IncrementalAlterConfigsResponse();
        foreach (var asked in request.Resources)
        {
            var (error, message) = ConfigurationChange.Make(cluster, asked.ResourceType, asked.ResourceName, request.ValidateOnly, topic => Wanted(asked, topic));
            response.Responses.Add(new() { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName, ErrorCode = error, ErrorMessage = message });
        }

        return new(response);
    }

    private (Dictionary<string, string> Wanted, KafkaError Error, string? Message) Wanted(IncrementalAlterConfigsRequest.AlterConfigsResource asked, Topic topic)
    {
        var wanted = new Dictionary<string, string>(topic.Configuration);
        foreach (var change in asked.Configs)
        {
            var error = TopicConfiguration.Apply(wanted, change.Name, change.ConfigOperation, change.Value, cluster.Settings.TopicDefault);
            if (error != KafkaError.None)
                return (wanted, error, $"Operation {change.ConfigOperation} does not fit configuration {change.Name}.");
        }

        return (wanted, KafkaError.None, null);
    }
}
