namespace Switchback.Broker.Groups;

/// <summary>Where a group of the classic protocol stands; the names are Kafka's.</summary>
internal enum GroupState
{
    /// <summary>No members; perhaps offsets.</summary>
    Empty,

    /// <summary>Waiting for all members to join again.</summary>
    PreparingRebalance,

    /// <summary>Everybody joined; waiting for the leader's assignment.</summary>
    CompletingRebalance,

    /// <summary>Everybody has an assignment.</summary>
    Stable,

    /// <summary>Deleted.</summary>
    Dead,
}
