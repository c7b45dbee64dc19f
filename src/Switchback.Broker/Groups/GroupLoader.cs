using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Groups;

/// <summary>Brings the groups back from <c>__consumer_offsets</c> after a start.</summary>
internal sealed class GroupLoader(Func<string, Group> groupOf, Action<string> remove)
{
    /// <summary>Groups that a producer's open transaction has offsets for.</summary>
    private readonly Dictionary<long, HashSet<string>> _open = [];

    public void Read(RecordBatch batch)
    {
        var header = batch.Header;
        if (header.IsControl)
        {
            if (TransactionMarker.TryRead(batch, out var marker) && _open.Remove(header.ProducerId, out var groups))
            {
                foreach (var group in groups)
                    groupOf(group).Decide(header.ProducerId, marker.Commit);
            }

            return;
        }

        foreach (var record in batch.ReadRecords())
            Read(record, header.IsTransactional ? header.ProducerId : -1);
    }

    private void Read(Record record, long producerId)
    {
        var key = new WireReader(record.Key.GetValueOrDefault());
        switch (key.ReadInt16())
        {
            case 0 or GroupLog.OffsetType:
                ReadOffset(OffsetCommitKey.Read(ref key, 0), record.Value, producerId);
                break;
            case GroupLog.GroupType:
                ReadGroup(GroupMetadataKey.Read(ref key, 0).Group, record.Value);
                break;
        }
    }

    private void ReadOffset(OffsetCommitKey key, ReadOnlyMemory<byte>? bytes, long producerId)
    {
        var partition = new TopicPartition(key.Topic, key.Partition);
        if (bytes is not { } present)
        {
            groupOf(key.Group).Drop(partition);
            return;
        }

        var reader = new WireReader(present);
        var value = OffsetCommitValue.Read(ref reader, reader.ReadInt16());
        KeyValuePair<TopicPartition, CommittedOffset>[] offset =
            [new(partition, new CommittedOffset(value.Offset, value.LeaderEpoch, value.Metadata, value.CommitTimestamp))];
        if (producerId < 0)
        {
            groupOf(key.Group).Take(offset);
            return;
        }

        groupOf(key.Group).TakeUndecided(producerId, offset);
        if (!_open.TryGetValue(producerId, out var groups))
            _open.Add(producerId, groups = []);
        groups.Add(key.Group);
    }

    private void ReadGroup(string group, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } present)
        {
            remove(group);
            return;
        }

        var reader = new WireReader(present);
        groupOf(group).Restore(GroupMetadataValue.Read(ref reader, reader.ReadInt16()));
    }
}
