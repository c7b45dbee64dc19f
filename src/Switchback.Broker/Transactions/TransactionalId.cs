using Switchback.Broker.Groups;

namespace Switchback.Broker.Transactions;

/// <summary>A transactional id: which producer uses it now, and how far its transaction is. Lock <see cref="Gate"/> to look or change.</summary>
internal sealed class TransactionalId(string id)
{
    public const short NoEpoch = -1;

    public Lock Gate { get; } = new();

    public string Id { get; } = id;

    public long ProducerId { get; set; } = -1;

    public long PreviousProducerId { get; set; } = -1;

    public short Epoch { get; set; } = NoEpoch;

    /// <summary>The epoch before the last rise that a producer asked for itself: if it asks again, it did not get our answer.</summary>
    public short LastEpoch { get; set; } = NoEpoch;

    public int TimeoutMs { get; set; }

    public TransactionState State { get; set; }

    public HashSet<TopicPartition> Partitions { get; } = [];

    public long StartedAt { get; set; } = -1;

    public long UpdatedAt { get; set; }

    public bool IsPrepared => State is TransactionState.PrepareCommit or TransactionState.PrepareAbort;
}
