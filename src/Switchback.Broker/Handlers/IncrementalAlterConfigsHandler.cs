using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>IncrementalAlterConfigs 0-1 for topics: set, delete, append, subtract. Left out: brokers, whose configuration is fixed at the start.</summary>
internal sealed class IncrementalAlterConfigsHandler(Cluster cluster) : RequestHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    private const sbyte TopicResource = 2;

    protected override ValueTask<IncrementalAlterConfigsResponse?> HandleAsync(IncrementalAlterConfigsRequest request, RequestContext context)
    {
        var response = new IncrementalAlterConfigsResponse();
        foreach (var asked in request.Resources)
        {
            var (error, message) = Alter(asked, request.ValidateOnly);
            response.Responses.Add(new() { ResourceType = asked.ResourceType, ResourceName = asked.ResourceName, ErrorCode = error, ErrorMessage = message });
        }

        return new(response);
    }

    private (KafkaError Error, string? Message) Alter(IncrementalAlterConfigsRequest.AlterConfigsResource asked, bool validateOnly)
    {
        if (asked.ResourceType != TopicResource)
            return (KafkaError.InvalidRequest, "Only a topic's configuration can be changed.");
        if (cluster.Topics.Find(asked.ResourceName) is not { } topic)
            return (KafkaError.UnknownTopicOrPartition, $"The topic '{asked.ResourceName}' does not exist.");
        var configuration = new Dictionary<string, string>(topic.Configuration);
        foreach (var change in asked.Configs)
        {
            var error = TopicConfiguration.Apply(configuration, change.Name, change.ConfigOperation, change.Value, cluster.Settings.TopicDefault);
            if (error != KafkaError.None)
                return (error, $"Operation {change.ConfigOperation} does not fit configuration {change.Name}.");
        }

        if (TopicConfiguration.Complaint(configuration) is { } complaint)
            return (KafkaError.InvalidConfig, complaint);
        var stored = validateOnly ? KafkaError.None : StorageGuard.Try(() => cluster.Topics.SetConfiguration(asked.ResourceName, configuration));
        return (stored, stored == KafkaError.None ? null : "The disk did not take the change.");
    }
}
