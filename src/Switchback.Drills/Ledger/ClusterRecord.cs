namespace Switchback.Drills.Ledger;

/// <summary>One record as a reader of a whole cluster found it.</summary>
/// <param name="Cluster">The cluster it was read from.</param>
/// <param name="Topic">The topic there, with a mirror's prefix where it has one.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The offset.</param>
/// <param name="Id">The <c>id</c> of its JSON value; null where the value has none.</param>
/// <param name="Key">Its key as UTF-8 text; null for none.</param>
/// <param name="TimestampMs">The record's own timestamp in unix milliseconds.</param>
internal sealed record ClusterRecord(string Cluster, string Topic, int Partition, long Offset, string? Id, string? Key, long TimestampMs);

/// <summary>When a cluster was read whole.</summary>
internal enum SnapshotMoment
{
    /// <summary>A surviving cluster, while the disaster lasted: just before the lost cluster is brought back.</summary>
    Disaster,

    /// <summary>Everything is back and has caught up.</summary>
    Settled,
}

/// <summary>That a cluster was read whole, and when.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Moment">The occasion.</param>
/// <param name="StartedMs">When the reading began, in milliseconds since the drill began.</param>
/// <param name="EndedMs">When it ended.</param>
/// <param name="Records">How many records were read.</param>
/// <param name="Destroyed">It was destroyed and is not there any more: that it holds nothing is known without reading.</param>
internal sealed record SnapshotFact(string Cluster, SnapshotMoment Moment, double StartedMs, double EndedMs, long Records, bool Destroyed = false);
