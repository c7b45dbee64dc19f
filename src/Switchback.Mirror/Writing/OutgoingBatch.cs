using Switchback.Kafka.Client;

namespace Switchback.Mirror.Writing;

/// <summary>One batch of the source on its way to the target.</summary>
/// <param name="Bytes">The batch as it was fetched, or written anew; not ours yet, see <see cref="BatchStamp"/>.</param>
/// <param name="Records">How many records it holds.</param>
/// <param name="TargetOffset">Where its first record will lie.</param>
/// <param name="Sequence">The sequence number of its first record.</param>
/// <param name="MaxTimestamp">Its youngest record, ms since 1970.</param>
/// <param name="CanJoin">Whether its records may travel in one batch with those of its neighbours.</param>
/// <param name="Announced">Done when the breakpoints that lead to it are on the target: not before may it be written.</param>
/// <param name="Buffer">What the bytes lie in, held until they are written; null for an array of their own.</param>
internal sealed record OutgoingBatch(
    ReadOnlyMemory<byte> Bytes, int Records, long TargetOffset, int Sequence, long MaxTimestamp, bool CanJoin, Task Announced, ResponseBuffer? Buffer)
{
    /// <summary>The source position once it is written; what is skipped behind it moves it on.</summary>
    public long NextSource { get; set; }

    /// <summary>Whether the target has acknowledged it.</summary>
    public bool IsWritten { get; set; }
}
