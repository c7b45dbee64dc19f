using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Groups;

/// <summary>Groups in the topic <c>__consumer_offsets</c>, in the records Apache Kafka writes there.</summary>
internal sealed class GroupLog(Cluster cluster) : IGroupLog
{
    public const short OffsetType = 1;
    public const short GroupType = 2;
    private const short ValueVersion = 3;

    public KafkaError Save(Group group, IReadOnlyCollection<GroupMember> members)
    {
        var value = new GroupMetadataValue
        {
            ProtocolType = group.ProtocolType ?? "",
            Generation = group.Generation,
            Protocol = group.ProtocolName,
            Leader = group.LeaderId,
            CurrentStateTimestamp = cluster.Now,
        };
        foreach (var member in members)
        {
            value.Members.Add(new()
            {
                MemberId = member.Id,
                GroupInstanceId = member.InstanceId,
                ClientId = member.ClientId,
                ClientHost = member.ClientHost,
                RebalanceTimeout = (int)member.RebalanceTimeout.TotalMilliseconds,
                SessionTimeout = (int)member.SessionTimeout.TotalMilliseconds,
                Subscription = member.MetadataFor(group.ProtocolName),
                Assignment = member.Assignment,
            });
        }

        return Append(group.Id, [(Key(new GroupMetadataKey { Group = group.Id }, GroupType), Value(value))]);
    }

    public KafkaError Save(string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets) =>
        Append(group, [.. offsets.Select(o => Record(group, o))]);

    /// <summary>Keeps offsets as part of a transaction: they count when its marker says so.</summary>
    public KafkaError SaveInTransaction(string group, IReadOnlyCollection<KeyValuePair<TopicPartition, CommittedOffset>> offsets, long producerId, short epoch) =>
        Append(group, [.. offsets.Select(o => Record(group, o))], producerId, epoch);

    public KafkaError Forget(string group, IReadOnlyCollection<TopicPartition> offsets) =>
        Append(group, [.. offsets.Select(p => (OffsetKey(group, p), (byte[]?)null))]);

    public KafkaError Forget(string group) => Append(group, [(Key(new GroupMetadataKey { Group = group }, GroupType), null)]);

    private static (byte[] Key, byte[]? Value) Record(string group, KeyValuePair<TopicPartition, CommittedOffset> offset) =>
        (OffsetKey(group, offset.Key), Value(new OffsetCommitValue
        {
            Offset = offset.Value.Offset,
            LeaderEpoch = offset.Value.LeaderEpoch,
            Metadata = offset.Value.Metadata,
            CommitTimestamp = offset.Value.CommittedAt,
        }));

    private static byte[] OffsetKey(string group, TopicPartition partition) =>
        Key(new OffsetCommitKey { Group = group, Topic = partition.Topic, Partition = partition.Partition }, OffsetType);

    private static byte[] Key(IKafkaMessage key, short type) => Bytes(key, type, 0);

    private static byte[] Value(IKafkaMessage value) => Bytes(value, ValueVersion, ValueVersion);

    private static byte[] Bytes(IKafkaMessage message, short prefix, short version)
    {
        using var writer = new WireWriter(128);
        writer.WriteInt16(prefix);
        message.Write(writer, version);
        return writer.Written.ToArray();
    }

    private KafkaError Append(string group, IReadOnlyCollection<(byte[] Key, byte[]? Value)> records, long producerId = -1, short epoch = -1)
    {
        if (cluster.Topics.Find(InternalTopics.Offsets) is not { } topic)
            return KafkaError.CoordinatorNotAvailable;
        var partition = topic.Partitions[CoordinatorPartition.Of(group, topic.Partitions.Count)];
        using var batch = new RecordBatchBuilder { ProducerId = producerId, ProducerEpoch = epoch, BaseSequence = producerId < 0 ? -1 : 0 };
        if (producerId >= 0)
            batch.Attributes = BatchAttributes.Transactional;
        foreach (var (key, value) in records)
            batch.Append(cluster.Now, key, value is null ? null : (ReadOnlyMemory<byte>?)value);
        var result = partition.Log.AppendOwn(batch.Build(), partition.LeaderEpoch, cluster.Now);
        if (result.Error == KafkaError.None)
            return KafkaError.None;
        cluster.Log.StorageFailed(topic.Name, partition.Index, result.Message);
        return KafkaError.NotCoordinator;
    }
}
