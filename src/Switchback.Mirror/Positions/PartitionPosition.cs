using Switchback.Mirror.Links;

namespace Switchback.Mirror.Positions;

/// <summary>Where a partition goes on after a start.</summary>
/// <param name="Map">Its breakpoints.</param>
/// <param name="NextSource">The source offset to copy next.</param>
/// <param name="NextTarget">The target offset it will get.</param>
/// <param name="SourceEpoch">Leader epoch of the last record copied, or -1.</param>
/// <param name="State">Anything but copying says why it cannot go on.</param>
/// <param name="Problem">In words, or null.</param>
internal sealed record PartitionPosition(
    OffsetMap Map, long NextSource, long NextTarget, int SourceEpoch, PartitionState State = PartitionState.Copying, string? Problem = null)
{
    /// <summary>Source offsets that retention took while the mirror was away.</summary>
    public SourceGap? Gap { get; init; }

    /// <summary>Source offsets that were copied, and that the source has lost or given to other records since.</summary>
    public SourceCut? Cut { get; init; }
}
