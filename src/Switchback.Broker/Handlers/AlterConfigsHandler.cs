using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>AlterConfigs 0-2 for topics: the whole configuration is replaced. Left out: brokers, whose configuration is fixed at the start.</summary>
internal sealed class AlterConfigsHandler(Cluster cluster) : RequestHandler<AlterConfigsRequest, AlterConfigsResponse>
{
    private const sbyte TopicResource = 2;

    protected override ValueTask<AlterConfigsResponse?> HandleAsync(AlterConfigsRequest request, RequestContext context)
    {
        var response = new AlterConfigsResponse();
        foreach (var asked in request.Resources)
        {
            var (error, message) = Alter(asked, request.ValidateOnly);
            response.Responses.Add(new() { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName, ErrorCode = error, ErrorMessage = message });
        }

        return new(response);
    }

    private (KafkaError Error, string? Message) Alter(AlterConfigsRequest.AlterConfigsResource asked, bool validateOnly)
    {
        if (asked.ResourceType != TopicResource)
            return (KafkaError.InvalidRequest, "Only a topic's configuration can be changed.");
        if (cluster.Topics.Find(asked.ResourceName) is null)
            return (KafkaError.UnknownTopicOrPartition, $"The topic '{asked.ResourceName}' does not exist.");
        var configuration = asked.Configs.Where(c => c.Value is not null).GroupBy(c => c.Name).ToDictionary(g => g.Key, g => g.Last().Value!);
        if (TopicConfiguration.Complaint(configuration) is { } complaint)
            return (KafkaError.InvalidConfig, complaint);
        var stored = validateOnly ? KafkaError.None : StorageGuard.Try(() => cluster.Topics.SetConfiguration(asked.ResourceName, configuration));
        return (stored, stored == KafkaError.None ? null : "The disk did not take the change.");
    }
}
