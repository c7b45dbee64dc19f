using System.Buffers;

namespace Switchback.Mirror.Writing;

/// <summary>What travels to the target as one batch: one of the source's, or several joined.</summary>
internal sealed class Shipment(IReadOnlyList<OutgoingBatch> batches, ReadOnlyMemory<byte> bytes, byte[]? joined)
{
    /// <summary>The source's batches in it, in order.</summary>
    public IReadOnlyList<OutgoingBatch> Batches => batches;

    /// <summary>The batch as it is written.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    public long TargetOffset => batches[0].TargetOffset;

    public bool IsJoined => joined is not null;

    /// <summary>Once the target has it: gives back what it was joined in.</summary>
    public void Release()
    {
        if (joined is not null)
            ArrayPool<byte>.Shared.Return(joined);
    }
}
