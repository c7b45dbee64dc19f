using Microsoft.Win32.SafeHandles;

namespace Switchback.Broker.Storage;

/// <summary>Bytes of a log file that answer a fetch: whole batches, but for the last one, which may be cut off as Kafka cuts it.</summary>
internal readonly record struct LogSlice(SafeFileHandle? File, int Position, int Length)
{
    public static readonly LogSlice Empty = new(null, 0, 0);
}
