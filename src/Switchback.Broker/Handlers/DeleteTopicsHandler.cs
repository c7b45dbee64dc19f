using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DeleteTopics 1-6, by name and by id. Data and committed offsets go at once.</summary>
internal sealed class DeleteTopicsHandler(Cluster cluster) : RequestHandler<DeleteTopicsRequest, DeleteTopicsResponse>
{
    protected override ValueTask<DeleteTopicsResponse?> HandleAsync(DeleteTopicsRequest request, RequestContext context)
    {
        var response = new DeleteTopicsResponse();
        if (context.Version < 6)
            request.TopicNames.ForEach(name => response.Responses.Add(Delete(name, cluster.Topics.Find(name), KafkaError.UnknownTopicOrPartition)));
        foreach (var asked in request.Topics)
        {
            response.Responses.Add(asked.Name is not null
                ? Delete(asked.Name, cluster.Topics.Find(asked.Name), KafkaError.UnknownTopicOrPartition)
                : Delete(null, cluster.Topics.Find(asked.TopicId), KafkaError.UnknownTopicId, asked.TopicId));
        }

        foreach (var answer in response.Responses.Where(_ => context.Version < 5))
            answer.ErrorMessage = null;
        return new(response);
    }

    private DeleteTopicsResponse.DeletableTopicResult Delete(string? name, Topic? topic, KafkaError missing, Guid id = default)
    {
        var answer = new DeleteTopicsResponse.DeletableTopicResult { Name = topic?.Name ?? name, TopicId = topic?.Id ?? id };
        if (cluster.Settings["delete.topic.enable"] == "false")
        {
            answer.ErrorCode = KafkaError.TopicDeletionDisabled;
        }
        else if (topic is null)
        {
            answer.ErrorCode = missing;
        }
        else
        {
            answer.ErrorCode = Delete(topic, missing);
        }

        return answer;
    }

    private KafkaError Delete(Topic topic, KafkaError missing)
    {
        var deleted = false;
        var error = StorageGuard.Try(() => deleted = cluster.Topics.Delete(topic));
        if (error != KafkaError.None)
            return error;
        if (!deleted)
            return missing;
        cluster.Groups.ForgetTopic(topic);
        cluster.Log.TopicDeleted(topic.Name);
        return KafkaError.None;
    }
}
