using Switchback.Broker.Groups;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Transactions;

/// <summary>Transactional ids in the topic <c>__transaction_state</c>, in the records Apache Kafka writes there.</summary>
internal sealed class TransactionLog(Cluster cluster)
{
    private const short ValueVersion = 1;

    public KafkaError Save(TransactionalId transaction)
    {
        var value = new TransactionLogValue
        {
            ProducerId = transaction.ProducerId,
            PreviousProducerId = transaction.PreviousProducerId,
            ProducerEpoch = transaction.Epoch,
            TransactionTimeoutMs = transaction.TimeoutMs,
            TransactionStatus = (sbyte)transaction.State,
            TransactionPartitions = transaction.State == TransactionState.Empty ? null : [],
            TransactionLastUpdateTimestampMs = transaction.UpdatedAt,
            TransactionStartTimestampMs = transaction.StartedAt,
        };
        foreach (var topic in transaction.Partitions.GroupBy(p => p.Topic))
            value.TransactionPartitions?.Add(new() { Topic = topic.Key, PartitionIds = [.. topic.Select(p => p.Partition)] });
        using var bytes = new WireWriter(256);
        bytes.WriteInt16(ValueVersion);
        value.Write(bytes, ValueVersion);
        return Append(transaction.Id, bytes.Written);
    }

    public KafkaError Forget(string id) => Append(id, null);

    private KafkaError Append(string id, ReadOnlyMemory<byte>? value)
    {
        using var key = new WireWriter(64);
        key.WriteInt16(0);
        new TransactionLogKey { TransactionalId = id }.Write(key, 0);
        var partition = PartitionOf(id);
        using var batch = new RecordBatchBuilder();
        batch.Append(cluster.Now, key.Written, value);
        var result = partition.Log.AppendOwn(batch.Build(), partition.LeaderEpoch, cluster.Now);
        if (result.Error == KafkaError.None)
            return KafkaError.None;
        cluster.Log.StorageFailed(partition.Topic, partition.Index, result.Message);
        return KafkaError.NotCoordinator;
    }

    /// <summary>The partition that keeps an id; its leader coordinates it, its leader epoch is the coordinator's.</summary>
    public Partition PartitionOf(string id)
    {
        var topic = cluster.Creation.Internal(InternalTopics.Transactions);
        return topic.Partitions[CoordinatorPartition.Of(id, topic.Partitions.Count)];
    }

    public void Load(Func<string, TransactionalId> idOf, Action<string> forget)
    {
        if (cluster.Topics.Find(InternalTopics.Transactions) is not { } topic)
            return;
        foreach (var partition in topic.Partitions)
        {
            partition.Log.ReadAll(batch =>
            {
                foreach (var record in batch.ReadRecords())
                    Read(record, idOf, forget);
            });
        }
    }

    private static void Read(Record record, Func<string, TransactionalId> idOf, Action<string> forget)
    {
        var key = new WireReader(record.Key.GetValueOrDefault());
        key.ReadInt16();
        var id = TransactionLogKey.Read(ref key, 0).TransactionalId;
        if (record.Value is not { } kept)
        {
            forget(id);
            return;
        }

        var transaction = idOf(id);
        var reader = new WireReader(kept);
        var value = TransactionLogValue.Read(ref reader, reader.ReadInt16());
        transaction.ProducerId = value.ProducerId;
        transaction.PreviousProducerId = value.PreviousProducerId;
        transaction.Epoch = value.ProducerEpoch;
        transaction.TimeoutMs = value.TransactionTimeoutMs;
        transaction.State = (TransactionState)value.TransactionStatus;
        transaction.UpdatedAt = value.TransactionLastUpdateTimestampMs;
        transaction.StartedAt = value.TransactionStartTimestampMs;
        transaction.Partitions.Clear();
        foreach (var topic in value.TransactionPartitions ?? [])
            transaction.Partitions.UnionWith(topic.PartitionIds.Select(p => new TopicPartition(topic.Topic, p)));
    }
}
