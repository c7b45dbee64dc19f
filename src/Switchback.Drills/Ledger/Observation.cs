namespace Switchback.Drills.Ledger;

/// <summary>What an application said about one record.</summary>
internal enum ObservationKind
{
    /// <summary>About to hand the record to its client.</summary>
    Sent,

    /// <summary>The client reported the record as stored.</summary>
    Acknowledged,

    /// <summary>The client reported the record as not stored.</summary>
    Failed,

    /// <summary>The record reached a consuming application.</summary>
    Delivered,

    /// <summary>The partitions of a consuming application were given anew; the id says how (<c>assigned</c>, <c>revoked</c>, <c>lost</c>).</summary>
    Rebalanced,

    /// <summary>About to ask for a transaction's commit; the id is the transaction's.</summary>
    Committing,

    /// <summary>The client reported the transaction as committed.</summary>
    Committed,

    /// <summary>The client reported the transaction as aborted.</summary>
    Aborted,

    /// <summary>The client reported that its group's place was committed; the id is the group's, the offset the next one to read.</summary>
    OffsetCommitted,

    /// <summary>A line that begins as a ledger event and is none: kept, because a verdict must say what it could not read.</summary>
    Unreadable,
}

/// <summary>
/// One line of an application's ledger, as the drill keeps it. Within one pod the order of the observations is the order of the lines.
/// </summary>
/// <param name="Kind">What the application said.</param>
/// <param name="Client">The application's name in the scenario, such as <c>java-cloud-producer</c>.</param>
/// <param name="Pod">The pod that wrote the line: one incarnation of the application.</param>
/// <param name="Id">The record's unique id; of the events about a transaction its id, of an offset commit the group's.</param>
/// <param name="AtMs">When, in milliseconds since the drill began.</param>
/// <param name="Topic">The topic as the application named it.</param>
/// <param name="Key">The record's key; null for none.</param>
/// <param name="Partition">The partition of an acknowledgement, a delivery or an offset commit.</param>
/// <param name="Offset">The offset of an acknowledgement or delivery, negative where the client was not told; of an offset commit the next one to read.</param>
/// <param name="Error">Why a record failed, or why a line could not be read.</param>
/// <param name="Transaction">The transaction that a record was sent in; null for none.</param>
internal sealed record Observation(
    ObservationKind Kind,
    string Client,
    string Pod,
    string Id,
    double AtMs,
    string? Topic = null,
    string? Key = null,
    int? Partition = null,
    long? Offset = null,
    string? Error = null,
    string? Transaction = null);
