namespace Switchback.Mirror.Writing;

/// <summary>One batch on its way to the target, already stamped as ours.</summary>
/// <param name="Bytes">The batch as it will be written.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="TargetOffset">Where its first record will lie.</param>
/// <param name="MaxTimestamp">Its youngest record, ms since 1970.</param>
/// <param name="Announced">Done when the breakpoints that lead to it are on the target: not before may it be written.</param>
internal sealed record OutgoingBatch(ReadOnlyMemory<byte> Bytes, int Records, long TargetOffset, long MaxTimestamp, Task Announced)
{
    /// <summary>The source position once it is written; what is skipped behind it moves it on.</summary>
    public long NextSource { get; set; }

    /// <summary>Whether the target has acknowledged it.</summary>
    public bool IsWritten { get; set; }
}
