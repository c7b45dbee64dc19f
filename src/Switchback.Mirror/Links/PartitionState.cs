namespace Switchback.Mirror.Links;

/// <summary>How a partition of a link stands.</summary>
internal enum PartitionState
{
    /// <summary>Copied as records come.</summary>
    Copying,

    /// <summary>The target topic holds records that this link did not write. Not copied.</summary>
    Foreign,

    /// <summary>The target refused a batch for good. Not copied on.</summary>
    Refused,
}
