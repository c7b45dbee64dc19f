namespace Switchback.Drills.Checking;

/// <summary>What the sending application was told about a record.</summary>
internal enum Outcome
{
    /// <summary>Nothing; its process ended, or is still waiting.</summary>
    Unknown,

    /// <summary>It is stored.</summary>
    Acknowledged,

    /// <summary>It is not stored.</summary>
    Failed,
}

/// <summary>A record that an application handed to its client, and how that ended.</summary>
internal sealed class SentRecord
{
    public required string Id { get; init; }

    public required string Client { get; init; }

    public required string Pod { get; init; }

    public required string Topic { get; init; }

    public required string? Key { get; init; }

    /// <summary>The transaction it was sent in; null for none.</summary>
    public required string? Transaction { get; init; }

    public required double SentMs { get; init; }

    /// <summary>Where it stands among everything sent: within one pod, the order of its lines.</summary>
    public required int Order { get; init; }

    public Outcome Outcome { get; set; }

    /// <summary>When the outcome was told; null while unknown.</summary>
    public double? EndedMs { get; set; }

    /// <summary>The partition of the acknowledgement.</summary>
    public int? Partition { get; set; }

    /// <summary>The offset of the acknowledgement; null where the client was told none.</summary>
    public long? Offset { get; set; }

    public string? Error { get; set; }
}
