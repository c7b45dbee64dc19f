using Switchback.Broker.Storage;
using Switchback.Kafka;

namespace Switchback.Broker.Topics;

/// <summary>Another configuration for a topic, whichever request asks for it.</summary>
internal static class ConfigurationChange
{
    private const sbyte TopicResource = 2;

    /// <summary>Checks it and keeps it; what to answer.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="resourceType">Whose configuration; anything but a topic's is refused.</param>
    /// <param name="name">The topic.</param>
    /// <param name="validateOnly">Whether it is only checked.</param>
    /// <param name="change">What the topic is to be configured with; an error where the request does not say it well.</param>
    public static (KafkaError Error, string? Message) Make(
        Cluster cluster, sbyte resourceType, string name, bool validateOnly, Func<Topic, (Dictionary<string, string> Wanted, KafkaError Error, string? Message)> change)
    {
        if (resourceType != TopicResource)
            return (KafkaError.InvalidRequest, "Only a topic's configuration can be changed.");
        if (cluster.Topics.Find(name) is not { } topic)
            return (KafkaError.UnknownTopicOrPartition, $"The topic '{name}' does not exist.");
        var (wanted, error, message) = change(topic);
        if (error != KafkaError.None)
            return (error, message);
        if (TopicConfiguration.Complaint(wanted) is { } complaint)
            return (KafkaError.InvalidConfig, complaint);
        var stored = validateOnly ? KafkaError.None : StorageGuard.Try(() => cluster.Topics.SetConfiguration(name, wanted));
        return (stored, stored == KafkaError.None ? null : "The disk did not take the change.");
    }
}
