namespace Switchback.Mirror.Tests.Campaign;

/// <summary>What a campaign does to a mirror and its clusters.</summary>
internal enum Fault
{
    /// <summary>kill -9 of the mirror, and a new one.</summary>
    MirrorKilled,

    /// <summary>kill -9 of all brokers of a cluster, which come back on their data.</summary>
    NorthKilled,

    /// <inheritdoc cref="NorthKilled"/>
    WestKilled,

    /// <summary>Every connection to a cluster ends, and none can be made for a while.</summary>
    NorthCut,

    /// <inheritdoc cref="NorthCut"/>
    WestCut,

    /// <summary>No byte passes to or from a cluster for a while; connections stay.</summary>
    NorthFrozen,

    /// <inheritdoc cref="NorthFrozen"/>
    WestFrozen,

    /// <summary>The mirror is stopped in its tracks, another one is started, and the first one wakes up.</summary>
    Zombie,
}
