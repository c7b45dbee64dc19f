namespace Switchback.Broker.Transactions;

/// <summary>Where a transactional id stands; the numbers are those of Kafka's transaction log.</summary>
internal enum TransactionState : sbyte
{
    /// <summary>No transaction was ever begun.</summary>
    Empty = 0,

    /// <summary>Partitions were added, records may be written.</summary>
    Ongoing = 1,

    /// <summary>Decided to commit: markers are to be written, whatever happens.</summary>
    PrepareCommit = 2,

    /// <summary>Decided to abort: markers are to be written, whatever happens.</summary>
    PrepareAbort = 3,

    /// <summary>Committed everywhere.</summary>
    CompleteCommit = 4,

    /// <summary>Aborted everywhere.</summary>
    CompleteAbort = 5,

    /// <summary>Expired.</summary>
    Dead = 6,
}
