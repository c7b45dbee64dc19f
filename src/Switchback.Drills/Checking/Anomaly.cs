namespace Switchback.Drills.Checking;

/// <summary>Something that is not as it should be, with the place it was found at.</summary>
/// <param name="Kind">One of <see cref="AnomalyKinds"/>.</param>
/// <param name="Id">The record's id; null where it is about no one record.</param>
/// <param name="Cluster">The cluster it is about.</param>
/// <param name="Topic">The topic there.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
/// <param name="Detail">What is wrong, in words.</param>
/// <param name="Client">The application it happened to.</param>
internal sealed record Anomaly(
    string Kind, string? Id, string? Cluster, string? Topic, int? Partition, long? Offset, string Detail, string? Client = null);

/// <summary>The kinds of anomaly. The contract defines those up to <see cref="Unknown"/>.</summary>
internal static class AnomalyKinds
{
    public const string Stranded = "stranded";
    public const string Lost = "lost";
    public const string Skipped = "skipped";

    /// <summary>One id at several places of one topic: of its own, or of the mirror's copy.</summary>
    public const string DuplicatedInLog = "duplicated-in-log";

    /// <summary>One id delivered several times to one application.</summary>
    public const string DuplicatedDelivery = "duplicated-delivery";
    public const string Reordered = "reordered";

    /// <summary>Sent, and its application ended without hearing of it.</summary>
    public const string Unknown = "unknown";

    /// <summary>Reported as failed, and in a cluster all the same.</summary>
    public const string FailedFound = "failed-found";

    /// <summary>In its own topic, and missing from the mirror's copy once settled.</summary>
    public const string Unmirrored = "unmirrored";

    /// <summary>In a topic that nobody sent it to and no link copies it to.</summary>
    public const string Misplaced = "misplaced";

    /// <summary>Acknowledged at a place that holds another record now: the log was cut back and written anew.</summary>
    public const string Reassigned = "reassigned";

    /// <summary>One consumer was delivered an offset below one it had already been delivered, with no rebalance between: a non-monotonic poll.</summary>
    public const string Rewound = "rewound";

    /// <summary>Delivered again to a group, although that had committed beyond it, and early enough for whoever carries its place to have carried it.</summary>
    public const string Reread = "reread";

    /// <summary>Acknowledged, read by nobody ever, at or below an offset of its partition that somebody did read.</summary>
    public const string LostWrite = "lost-write";

    /// <summary>Acknowledged, read by nobody ever, above every offset of its partition that anybody read.</summary>
    public const string Unseen = "unseen";

    /// <summary>One consumer was delivered a later offset without one that was there before it, with no rebalance between.</summary>
    public const string PollSkip = "poll-skip";

    /// <summary>Two records that one producer sent one after the other, of one key, were acknowledged at offsets in the other order.</summary>
    public const string NonMonotonicSend = "non-monotonic-send";

    /// <summary>One place held two records without the cluster having been away.</summary>
    public const string InconsistentOffset = "inconsistent-offset";

    /// <summary>Delivered, and its transaction was aborted.</summary>
    public const string AbortedRead = "aborted-read";

    /// <summary>Delivered before its transaction's commit was asked for.</summary>
    public const string PrecommittedRead = "precommitted-read";

    /// <summary>A client made no progress where it should have.</summary>
    public const string NoProgress = "no-progress";

    /// <summary>In a cluster, acknowledged or delivered, and no application said that it sent it: the ledger is not whole.</summary>
    public const string Unaccounted = "unaccounted";

    /// <summary>Something the verdict needs was not observed.</summary>
    public const string Undecided = "undecided";
}
