namespace Switchback.Broker.Storage;

/// <summary>One batch of a producer as its log remembers it, to answer a repetition with the offset of the first time.</summary>
internal readonly record struct ProducerBatch(int FirstSequence, int LastSequence, long FirstOffset, long LastOffset, long Timestamp);

/// <summary>
/// What a log knows of one producer id: its epoch, its last five batches, and the transaction it has open here. Five, because a client has at most five
/// requests in flight, and any of them may be a repetition.
/// </summary>
internal sealed class ProducerEntry
{
    public const int CachedBatches = 5;
    public const short NoEpoch = -1;
    private readonly List<ProducerBatch> _batches = new(CachedBatches);

    public short Epoch { get; private set; } = NoEpoch;

    /// <summary>The transaction coordinator's epoch in the last marker; an older coordinator is refused.</summary>
    public int CoordinatorEpoch { get; set; } = -1;

    /// <summary>The first offset of the open transaction; null when none is open.</summary>
    public long? TransactionStart { get; set; }

    public long LastTimestamp { get; set; } = -1;

    public IReadOnlyList<ProducerBatch> Batches => _batches;

    public int LastSequence => _batches.Count == 0 ? -1 : _batches[^1].LastSequence;

    public long LastOffset => _batches.Count == 0 ? -1 : _batches[^1].LastOffset;

    /// <summary>Takes over a newer epoch: sequences begin again.</summary>
    public void AdvanceEpoch(short epoch)
    {
        if (epoch == Epoch)
            return;
        _batches.Clear();
        Epoch = epoch;
    }

    public void Add(ProducerBatch batch)
    {
        if (_batches.Count == CachedBatches)
            _batches.RemoveAt(0);
        _batches.Add(batch);
        LastTimestamp = batch.Timestamp;
    }

    /// <summary>Forgets all batches but the last one, as a snapshot does.</summary>
    public void KeepLast()
    {
        if (_batches.Count > 1)
            _batches.RemoveRange(0, _batches.Count - 1);
    }

    public ProducerBatch? FindDuplicate(short epoch, int firstSequence, int lastSequence)
    {
        if (epoch != Epoch)
            return null;
        foreach (var batch in _batches)
        {
            if (batch.FirstSequence == firstSequence && batch.LastSequence == lastSequence)
                return batch;
        }

        return null;
    }
}
