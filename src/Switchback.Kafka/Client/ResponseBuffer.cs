using System.Buffers;

namespace Switchback.Kafka.Client;

/// <summary>
/// The pooled array under a response. Whoever got the response holds it once; each further holder calls <see cref="Hold"/>, and each holder
/// <see cref="Release"/> when it reads no more. One that is never released is left to the garbage collector.
/// </summary>
public sealed class ResponseBuffer
{
    private byte[]? _array;
    private int _holders = 1;

    /// <summary>Takes part in holding the array.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Ends one holding; with the last one the array goes back to the pool.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0 && Interlocked.Exchange(ref _array, null) is { } array)
            ArrayPool<byte>.Shared.Return(array);
    }

    internal byte[] Rent(int length) => _array = ArrayPool<byte>.Shared.Rent(length);
}
