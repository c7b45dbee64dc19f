using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Fetching;

/// <summary>A partition as a fetch asks for it, and what was last answered about it.</summary>
internal sealed class FetchedPartition(string topic, Guid topicId, FetchRequest.FetchPartition asked)
{
    public string Topic { get; } = topic;

    public Guid TopicId { get; } = topicId;

    public FetchRequest.FetchPartition Asked { get; set; } = asked;

    private long SentHighWatermark { get; set; } = -1;

    private long SentStartOffset { get; set; } = -1;

    /// <summary>Whether an incremental response has to name the partition; notes what it then says.</summary>
    public bool HasNews(FetchResponse.PartitionData data)
    {
        var news = data.Records is { Length: > 0 } || data.HighWatermark != SentHighWatermark || data.LogStartOffset != SentStartOffset
            || data.DivergingEpoch.EndOffset >= 0;
        (SentHighWatermark, SentStartOffset) = (data.HighWatermark, data.LogStartOffset);
        if (data.ErrorCode == KafkaError.None)
            return news;

        // After an error the next answer is to be named, whatever it is.
        SentHighWatermark = -1;
        return true;
    }
}

/// <summary>What a client fetches again and again, so that it names only what changes (KIP-227).</summary>
internal sealed class FetchSession(int id)
{
    private readonly LinkedList<FetchedPartition> _order = new();
    private readonly Dictionary<(string Topic, Guid TopicId, int Partition), LinkedListNode<FetchedPartition>> _nodes = [];

    public int Id { get; } = id;

    /// <summary>The epoch the next request must carry.</summary>
    public int Epoch { get; set; } = 1;

    public long LastUsed { get; set; }

    public bool UsesTopicIds { get; init; }

    public int Count => _nodes.Count;

    public IReadOnlyList<FetchedPartition> Partitions => [.. _order];

    public void Update(FetchRequest request)
    {
        foreach (var topic in request.Topics)
        {
            foreach (var asked in topic.Partitions)
            {
                var key = (topic.Topic, topic.TopicId, asked.Partition);
                if (_nodes.TryGetValue(key, out var node))
                    node.Value.Asked = asked;
                else
                    _nodes[key] = _order.AddLast(new FetchedPartition(topic.Topic, topic.TopicId, asked));
            }
        }

        foreach (var topic in request.ForgottenTopicsData)
        {
            foreach (var partition in topic.Partitions)
            {
                if (_nodes.Remove((topic.Topic, topic.TopicId, partition), out var node))
                    _order.Remove(node);
            }
        }
    }

    /// <summary>A partition that got its share goes to the back, so that others are not starved by it.</summary>
    public void MoveToBack(FetchedPartition partition)
    {
        if (_nodes.TryGetValue((partition.Topic, partition.TopicId, partition.Asked.Partition), out var node))
        {
            _order.Remove(node);
            _order.AddLast(node);
        }
    }

    /// <summary>Epochs count from 1 and wrap around to 1: 0 begins a session.</summary>
    public void AdvanceEpoch() => Epoch = Epoch == int.MaxValue ? 1 : Epoch + 1;
}
