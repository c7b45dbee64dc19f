using System.Collections.Concurrent;
using Switchback.Broker.Groups;
using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Transactions;

/// <summary>
/// All transactional ids of the cluster. As all partitions are in this process, markers are written before EndTxn is answered; what a crash leaves
/// decided and unmarked is finished at the next start. Served as in Apache Kafka before transaction version 2, which needs features to be announced.
/// </summary>
internal sealed partial class TransactionCoordinator
{
    private readonly Cluster _cluster;
    private readonly TransactionLog _log;
    private readonly ConcurrentDictionary<string, TransactionalId> _ids = new(StringComparer.Ordinal);

    public TransactionCoordinator(Cluster cluster)
    {
        _cluster = cluster;
        _log = new TransactionLog(cluster);
        _log.Load(id => _ids.GetOrAdd(id, i => new TransactionalId(i)), id => _ids.TryRemove(id, out _));
        foreach (var transaction in _ids.Values)
            Finish(transaction);
    }

    public IEnumerable<TransactionalId> All => _ids.Values;

    public TransactionalId? Find(string id) => _ids.GetValueOrDefault(id);

    public KafkaError Check(string id, BrokerNode broker) =>
        id.Length == 0 ? KafkaError.InvalidRequest : _log.PartitionOf(id).Leader == broker.Id ? KafkaError.None : KafkaError.NotCoordinator;

    /// <summary>Begins or goes on with a transaction that writes to the given partitions.</summary>
    public KafkaError Add(string id, long producerId, short epoch, IReadOnlyCollection<TopicPartition> partitions)
    {
        if (Find(id) is not { } transaction)
            return KafkaError.InvalidProducerIdMapping;
        lock (transaction.Gate)
        {
            var error = CheckProducer(transaction, producerId, epoch);
            if (error != KafkaError.None)
                return error;
            if (transaction.IsPrepared)
                return KafkaError.ConcurrentTransactions;
            if (transaction.State == TransactionState.Ongoing && partitions.All(transaction.Partitions.Contains))
                return KafkaError.None;
            if (transaction.State != TransactionState.Ongoing)
            {
                transaction.Partitions.Clear();
                transaction.StartedAt = _cluster.Now;
            }

            transaction.Partitions.UnionWith(partitions);
            return Move(transaction, TransactionState.Ongoing);
        }
    }

    /// <summary>Decides a transaction and marks it in all its partitions.</summary>
    public KafkaError End(string id, long producerId, short epoch, bool commit)
    {
        if (Find(id) is not { } transaction)
            return KafkaError.InvalidProducerIdMapping;
        lock (transaction.Gate)
        {
            var error = CheckProducer(transaction, producerId, epoch);
            if (error != KafkaError.None)
                return error;
            switch (transaction.State)
            {
                case TransactionState.Ongoing:
                    return Decide(transaction, commit);
                case TransactionState.CompleteCommit when commit:
                case TransactionState.CompleteAbort when !commit:
                    return KafkaError.None;
                case TransactionState.PrepareCommit when commit:
                case TransactionState.PrepareAbort when !commit:
                    return KafkaError.ConcurrentTransactions;
                default:
                    return KafkaError.InvalidTxnState;
            }
        }
    }

    /// <summary>Aborts what took longer than its producer said it would, and finishes what could not be finished before.</summary>
    public void AbortTimedOut()
    {
        foreach (var transaction in _ids.Values)
        {
            lock (transaction.Gate)
            {
                Finish(transaction);
                if (transaction.State != TransactionState.Ongoing || _cluster.Now - transaction.StartedAt <= transaction.TimeoutMs)
                    continue;

                // The producer may still be alive and slow: its next request is refused.
                transaction.Epoch++;
                Decide(transaction, commit: false);
                _cluster.Log.TransactionChanged(transaction.Id, "aborted, it took longer than its timeout");
            }
        }
    }

    /// <summary>Forgets ids that were not used for <c>transactional.id.expiration.ms</c>.</summary>
    public void Expire()
    {
        var limit = _cluster.Now - _cluster.Settings.Int("transactional.id.expiration.ms");
        foreach (var transaction in _ids.Values)
        {
            lock (transaction.Gate)
            {
                var idle = transaction.State is TransactionState.Empty or TransactionState.CompleteCommit or TransactionState.CompleteAbort;
                if (idle && transaction.UpdatedAt <= limit && _log.Forget(transaction.Id) == KafkaError.None)
                    _ids.TryRemove(KeyValuePair.Create(transaction.Id, transaction));
            }
        }
    }

    /// <summary>Whether a transactional batch may be written: its transaction must be open, and the partition part of it.</summary>
    public KafkaError CheckProduce(string? id, in RecordBatchHeader batch, Partition partition, short version)
    {
        if (id is null)
            return KafkaError.TransactionalIdAuthorizationFailed;
        if (partition.Log.HasOpenTransaction(batch.ProducerId, batch.ProducerEpoch))
            return KafkaError.None;
        var name = new TopicPartition(partition.Topic, partition.Index);
        const short AddsByItself = 12;
        return version >= AddsByItself
            ? FencedAsEpoch(Add(id, batch.ProducerId, batch.ProducerEpoch, [name]))
            : CheckPart(id, batch.ProducerId, batch.ProducerEpoch, name, version >= 11);
    }

    /// <summary>Whether a partition is part of the producer's open transaction.</summary>
    public KafkaError CheckPart(string id, long producerId, short epoch, TopicPartition partition, bool abortable)
    {
        if (Find(id) is not { } transaction)
            return KafkaError.InvalidProducerIdMapping;
        lock (transaction.Gate)
        {
            var error = FencedAsEpoch(CheckProducer(transaction, producerId, epoch));
            if (error != KafkaError.None)
                return error;
            if (transaction.State == TransactionState.Ongoing && transaction.Partitions.Contains(partition))
                return KafkaError.None;
            return abortable ? KafkaError.TransactionAbortable : KafkaError.InvalidTxnState;
        }
    }

    private static KafkaError CheckProducer(TransactionalId transaction, long producerId, short epoch) =>
        transaction.ProducerId != producerId ? KafkaError.InvalidProducerIdMapping
        : transaction.Epoch != epoch ? KafkaError.ProducerFenced
        : KafkaError.None;

    private static KafkaError FencedAsEpoch(KafkaError error) => error == KafkaError.ProducerFenced ? KafkaError.InvalidProducerEpoch : error;

    private KafkaError Decide(TransactionalId transaction, bool commit)
    {
        var error = Move(transaction, commit ? TransactionState.PrepareCommit : TransactionState.PrepareAbort);
        if (error == KafkaError.None)
            Finish(transaction);
        return error;
    }

    /// <summary>Writes the markers of a decided transaction. What cannot be written now is tried again later.</summary>
    private void Finish(TransactionalId transaction)
    {
        if (!transaction.IsPrepared)
            return;
        var commit = transaction.State == TransactionState.PrepareCommit;
        var marker = new TransactionMarker(commit, _log.PartitionOf(transaction.Id).LeaderEpoch);
        foreach (var name in transaction.Partitions.ToList())
        {
            if (_cluster.Topics.Find(name.Topic, name.Partition) is { } partition)
            {
                var result = partition.Log.AppendMarker(transaction.ProducerId, transaction.Epoch, marker, partition.LeaderEpoch, _cluster.Now);
                if (result.Error == KafkaError.KafkaStorageError)
                {
                    _cluster.Log.StorageFailed(name.Topic, name.Partition, result.Message);
                    return;
                }
            }

            transaction.Partitions.Remove(name);
            if (name.Topic == InternalTopics.Offsets)
                _cluster.Groups.Decide(transaction.ProducerId, commit);
        }

        Move(transaction, commit ? TransactionState.CompleteCommit : TransactionState.CompleteAbort);
    }

    private KafkaError Move(TransactionalId transaction, TransactionState state)
    {
        var before = transaction.State;
        transaction.State = state;
        transaction.UpdatedAt = _cluster.Now;
        var error = _log.Save(transaction);
        if (error != KafkaError.None)
            transaction.State = before;
        return error;
    }
}
