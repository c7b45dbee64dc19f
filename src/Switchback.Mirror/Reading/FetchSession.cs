using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Mirror.Links;

namespace Switchback.Mirror.Reading;

/// <summary>
/// What one broker knows of the partitions asked for (KIP-227): each request names only those whose place has changed, and the answer only those with something new, so
/// that a thousand idle partitions cost nothing. A broker without sessions is told all of them each time.
/// </summary>
internal sealed class FetchSession
{
    private const short VersionWithTopicIds = 13;
    private const short VersionWithSessions = 7;
    private const int LeastShare = 1 << 20;

    private readonly Dictionary<PartitionMirror, (long Offset, int Epoch)> _told = [];
    private readonly Dictionary<(Guid, string, int), PartitionMirror> _asked = [];
    private int _id;
    private int _epoch;

    /// <summary>The partition of an answer, or null when it was not asked for.</summary>
    public PartitionMirror? Find(FetchResponse.FetchableTopicResponse topic, int partition, short version) =>
        _asked.GetValueOrDefault(version >= VersionWithTopicIds ? (topic.TopicId, "", partition) : (Guid.Empty, topic.Topic, partition));

    /// <summary>
    /// Puts what there is to tell into a request. Each partition may take its share of the answer twice: the fewer there are, the more of a long way each answer fills.
    /// </summary>
    public void Ask(FetchRequest request, IReadOnlyCollection<PartitionMirror> wanted, short version)
    {
        var goesOn = _id != 0 && version >= VersionWithSessions;
        if (!goesOn)
        {
            Forget();
            _asked.Clear();
        }

        (request.SessionId, request.SessionEpoch) = (_id, version >= VersionWithSessions ? _epoch : -1);
        var share = Math.Clamp(2 * request.MaxBytes / wanted.Count, LeastShare, request.MaxBytes);
        var topics = new Dictionary<string, FetchRequest.FetchTopic>();
        foreach (var partition in wanted)
        {
            var place = (partition.FetchOffset, partition.FetchedEpoch);
            if (_told.TryGetValue(partition, out var told) && told == place)
                continue;
            _told[partition] = place;
            _asked[Key(partition, version)] = partition;
            Topic(topics, partition).Partitions.Add(new FetchRequest.FetchPartition
            {
                Partition = partition.Source.Partition,
                FetchOffset = place.FetchOffset,
                LastFetchedEpoch = place.FetchedEpoch,
                PartitionMaxBytes = share,
            });
        }

        request.Topics.AddRange(topics.Values);
        if (goesOn && _told.Count > wanted.Count)
            Release(request, wanted, version);
    }

    /// <summary>Takes the answer's word on the session; false when the broker has given it up, and all is to be told anew.</summary>
    public bool Continues(FetchResponse response)
    {
        if (response.ErrorCode is KafkaError.FetchSessionIdNotFound or KafkaError.InvalidFetchSessionEpoch or KafkaError.FetchSessionTopicIdError)
        {
            Forget();
            return false;
        }

        _id = response.SessionId;
        _epoch = _id == 0 ? 0 : _epoch == int.MaxValue ? 1 : _epoch + 1;
        return true;
    }

    /// <summary>The next request begins a session: the broker may not know this one any more.</summary>
    public void Forget()
    {
        (_id, _epoch) = (0, 0);
        _told.Clear();
    }

    /// <summary>After an error of a partition: it is told again.</summary>
    public void TellAgain(PartitionMirror partition) => _told.Remove(partition);

    private static (Guid, string, int) Key(PartitionMirror partition, short version) =>
        version >= VersionWithTopicIds ? (partition.SourceTopicId, "", partition.Source.Partition) : (Guid.Empty, partition.Source.Topic, partition.Source.Partition);

    private static FetchRequest.FetchTopic Topic(Dictionary<string, FetchRequest.FetchTopic> topics, PartitionMirror partition)
    {
        if (!topics.TryGetValue(partition.Source.Topic, out var topic))
            topics[partition.Source.Topic] = topic = new FetchRequest.FetchTopic { Topic = partition.Source.Topic, TopicId = partition.SourceTopicId };
        return topic;
    }

    private void Release(FetchRequest request, IReadOnlyCollection<PartitionMirror> wanted, short version)
    {
        var kept = wanted.ToHashSet();
        foreach (var topic in _told.Keys.Where(partition => !kept.Contains(partition)).GroupBy(p => (p.Source.Topic, p.SourceTopicId)).ToList())
        {
            request.ForgottenTopicsData.Add(new FetchRequest.ForgottenTopic { Topic = topic.Key.Topic, TopicId = topic.Key.SourceTopicId, Partitions = [.. topic.Select(p => p.Source.Partition)] });
            foreach (var partition in topic.ToList())
            {
                _told.Remove(partition);
                _asked.Remove(Key(partition, version));
            }
        }
    }
}
