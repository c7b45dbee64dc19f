namespace Switchback.Kafka.Client;

/// <summary>A request that waits for its response.</summary>
/// <param name="buffer">Where the response comes to lie; null for an array of its own.</param>
internal sealed class PendingResponse(ResponseBuffer? buffer) : TaskCompletionSource<ReadOnlyMemory<byte>>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public ResponseBuffer? Buffer { get; } = buffer;
}
