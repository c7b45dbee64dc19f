using System.Buffers;

namespace Switchback.Kafka.Wire;

/// <summary>
/// Bytes that lie elsewhere than in memory, such as in a file. A message carries them as <see cref="Memory{T}"/> of their length; a <see cref="WireWriter"/>
/// has them read straight to their place or, where it gathers, hands them on in their place to whoever sends its segments. Nothing else may look at them.
/// </summary>
/// <param name="length">How many there are.</param>
public abstract class StoredBytes(int length) : MemoryManager<byte>
{
    /// <summary>How many there are.</summary>
    public int Length { get; } = length;

    /// <inheritdoc/>
    public sealed override Memory<byte> Memory => CreateMemory(Length);

    /// <summary>Reads some of them to where they are wanted.</summary>
    /// <param name="start">How many to pass over.</param>
    /// <param name="destination">Where they go; all of it is filled.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public abstract void Read(int start, Span<byte> destination);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: they are not in memory.</exception>
    public sealed override Span<byte> GetSpan() => throw new NotSupportedException("stored bytes are not in memory");

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: they are not in memory.</exception>
    public sealed override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("stored bytes are not in memory");

    /// <inheritdoc/>
    public sealed override void Unpin()
    {
    }
}
