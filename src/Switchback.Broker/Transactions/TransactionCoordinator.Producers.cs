using Switchback.Kafka;

namespace Switchback.Broker.Transactions;

/// <summary>The producer id and epoch a producer is to use from now on.</summary>
internal readonly record struct ProducerIdentity(KafkaError Error, long ProducerId = -1, short Epoch = -1);

/// <content>Who may write under a transactional id: each InitProducerId raises the epoch, and whoever held it before is fenced.</content>
internal sealed partial class TransactionCoordinator
{
    public ProducerIdentity Init(string id, int timeoutMs, long expectedProducerId, short expectedEpoch)
    {
        if (timeoutMs <= 0 || timeoutMs > _cluster.Settings.Int("transaction.max.timeout.ms"))
            return new ProducerIdentity(KafkaError.InvalidTransactionTimeout);
        var transaction = _ids.GetOrAdd(id, i => new TransactionalId(i));
        lock (transaction.Gate)
        {
            if (transaction.IsPrepared)
                return new ProducerIdentity(KafkaError.ConcurrentTransactions);
            if (transaction.ProducerId < 0)
                transaction.ProducerId = _cluster.ProducerIds.Next();
            else if (expectedProducerId >= 0 && !Expects(transaction, expectedProducerId, expectedEpoch))
                return new ProducerIdentity(KafkaError.ProducerFenced);
            if (expectedEpoch >= 0 && expectedEpoch == transaction.LastEpoch && expectedEpoch != transaction.Epoch)
                return new ProducerIdentity(KafkaError.None, transaction.ProducerId, transaction.Epoch);
            if (transaction.State == TransactionState.Ongoing)
            {
                transaction.Epoch++;
                if (Decide(transaction, commit: false) is var aborted and not KafkaError.None)
                    return new ProducerIdentity(aborted);
                if (transaction.IsPrepared)
                    return new ProducerIdentity(KafkaError.ConcurrentTransactions);
            }

            Raise(transaction, expectedEpoch);
            transaction.TimeoutMs = timeoutMs;
            transaction.StartedAt = -1;
            var error = Move(transaction, TransactionState.Empty);
            return error == KafkaError.None ? new ProducerIdentity(error, transaction.ProducerId, transaction.Epoch) : new ProducerIdentity(error);
        }
    }

    private static bool Expects(TransactionalId transaction, long producerId, short epoch) =>
        (producerId == transaction.ProducerId && (epoch == transaction.Epoch || epoch == transaction.LastEpoch))
        || (producerId == transaction.PreviousProducerId && epoch == transaction.LastEpoch);

    private void Raise(TransactionalId transaction, short expectedEpoch)
    {
        transaction.LastEpoch = expectedEpoch >= 0 ? transaction.Epoch : TransactionalId.NoEpoch;
        if (transaction.Epoch < short.MaxValue - 1)
        {
            transaction.Epoch++;
            return;
        }

        // No epochs are left under this producer id.
        transaction.PreviousProducerId = transaction.ProducerId;
        transaction.ProducerId = _cluster.ProducerIds.Next();
        transaction.Epoch = 0;
    }
}
