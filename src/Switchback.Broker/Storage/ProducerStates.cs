using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Storage;

/// <summary>
/// The producers of one log: whether a batch continues its producer's sequence, repeats one, or comes from a fenced epoch; and which transactions are open.
/// Rebuilt from the log, so that it survives whatever the log survives. The rules are Apache Kafka's. Not for several threads: the log's lock guards it.
/// </summary>
internal sealed class ProducerStates
{
    private readonly Dictionary<long, ProducerEntry> _producers = [];

    public IReadOnlyDictionary<long, ProducerEntry> Entries => _producers;

    /// <summary>The lowest offset of an open transaction; null when none is open.</summary>
    public long? FirstOpenTransaction { get; private set; }

    /// <summary>Whether this is the exact repetition of a cached batch, and which.</summary>
    public ProducerBatch? FindDuplicate(in RecordBatchHeader batch) =>
        _producers.TryGetValue(batch.ProducerId, out var entry)
            ? entry.FindDuplicate(batch.ProducerEpoch, batch.BaseSequence, batch.LastSequence)
            : null;

    /// <summary>Whether a producer's batch may be appended.</summary>
    public KafkaError Check(in RecordBatchHeader batch)
    {
        if (!_producers.TryGetValue(batch.ProducerId, out var entry))
            return KafkaError.None;
        if (batch.ProducerEpoch < entry.Epoch)
            return KafkaError.InvalidProducerEpoch;
        if (batch.ProducerEpoch != entry.Epoch)
            return batch.BaseSequence == 0 || entry.Epoch == ProducerEntry.NoEpoch ? KafkaError.None : KafkaError.OutOfOrderSequenceNumber;
        if (!Follows(entry.LastSequence, batch.BaseSequence))
            return KafkaError.OutOfOrderSequenceNumber;
        return entry.TransactionStart is not null && !batch.IsTransactional ? KafkaError.InvalidTxnState : KafkaError.None;
    }

    /// <summary>Whether a transaction marker may be appended: a fenced producer's or coordinator's may not.</summary>
    public KafkaError CheckMarker(long producerId, short epoch, int coordinatorEpoch)
    {
        if (!_producers.TryGetValue(producerId, out var entry))
            return KafkaError.None;
        if (epoch < entry.Epoch)
            return KafkaError.InvalidProducerEpoch;
        return coordinatorEpoch < entry.CoordinatorEpoch ? KafkaError.TransactionCoordinatorFenced : KafkaError.None;
    }

    public void Append(in RecordBatchHeader batch)
    {
        if (batch.ProducerId < 0)
            return;
        var entry = Entry(batch.ProducerId);
        entry.AdvanceEpoch(batch.ProducerEpoch);
        entry.Add(new ProducerBatch(batch.BaseSequence, batch.LastSequence, batch.BaseOffset, batch.LastOffset, batch.MaxTimestamp));
        if (batch.IsTransactional && entry.TransactionStart is null)
        {
            entry.TransactionStart = batch.BaseOffset;
            FindFirstOpen();
        }
    }

    /// <summary>Ends the producer's transaction; the offset it began at, or null when it had none open here.</summary>
    public long? End(long producerId, short epoch, int coordinatorEpoch, long timestamp)
    {
        var entry = Entry(producerId);
        entry.AdvanceEpoch(epoch);
        entry.CoordinatorEpoch = coordinatorEpoch;
        entry.LastTimestamp = timestamp;
        var start = entry.TransactionStart;
        entry.TransactionStart = null;
        FindFirstOpen();
        return start;
    }

    public void Restore(long producerId, ProducerEntry entry)
    {
        _producers[producerId] = entry;
        FindFirstOpen();
    }

    /// <summary>Forgets producers that were silent for the given time and have no transaction open.</summary>
    public void Expire(long olderThan)
    {
        foreach (var (id, entry) in _producers)
        {
            if (entry.TransactionStart is null && entry.LastTimestamp < olderThan)
                _producers.Remove(id);
        }
    }

    /// <summary>What a start leaves known: the last batch of each producer. Apache Kafka ends the recovery of a log with a snapshot and loads that, so that its other batches are no longer repetitions.</summary>
    public void KeepLast()
    {
        foreach (var entry in _producers.Values)
            entry.KeepLast();
    }

    public void Clear()
    {
        _producers.Clear();
        FirstOpenTransaction = null;
    }

    /// <summary>Sequences wrap around from the largest 32-bit integer to zero.</summary>
    private static bool Follows(int last, int next) => next == last + 1L || (last == int.MaxValue && next == 0);

    private ProducerEntry Entry(long producerId)
    {
        if (!_producers.TryGetValue(producerId, out var entry))
            _producers.Add(producerId, entry = new ProducerEntry());
        return entry;
    }

    private void FindFirstOpen()
    {
        FirstOpenTransaction = null;
        foreach (var entry in _producers.Values)
        {
            if (entry.TransactionStart is { } start && (FirstOpenTransaction is null || start < FirstOpenTransaction))
                FirstOpenTransaction = start;
        }
    }
}
