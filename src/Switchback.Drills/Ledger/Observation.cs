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

    /// <summary>A line that begins as a ledger event and is none: kept, because a verdict must say what it could not read.</summary>
    Unreadable,
}

/// <summary>
/// One line of an application's ledger, as the drill keeps it. Within one pod the order of the observations is the order of the lines.
/// </summary>
/// <param name="Kind">What the application said.</param>
/// <param name="Client">The application's name in the scenario, such as <c>java-cloud-producer</c>.</param>
/// <param name="Pod">The pod that wrote the line: one incarnation of the application.</param>
/// <param name="Id">The record's unique id.</param>
/// <param name="AtMs">When, in milliseconds since the drill began.</param>
/// <param name="Topic">The topic as the application named it.</param>
/// <param name="Key">The record's key; null for none.</param>
/// <param name="Partition">The partition of an acknowledgement or delivery.</param>
/// <param name="Offset">The offset of an acknowledgement or delivery; negative where the client was not told.</param>
/// <param name="Error">Why a record failed, or why a line could not be read.</param>
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
    string? Error = null);
