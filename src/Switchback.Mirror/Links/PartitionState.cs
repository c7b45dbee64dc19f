namespace Switchback.Mirror.Links;

/// <summary>How a partition of a link stands.</summary>
internal enum PartitionState
{
    /// <summary>Copied as records come.</summary>
    Copying,

    /// <summary>The source no longer has what was copied from it: it was cut back, or it holds other records at these offsets. Not copied on.</summary>
    Diverged,

    /// <summary>The source topic was deleted and created again. Not copied on: the target holds the old topic's records.</summary>
    Recreated,

    /// <summary>The target topic holds records that this link did not write. Not copied.</summary>
    Foreign,

    /// <summary>The target refused a batch for good. Not copied on.</summary>
    Refused,
}
