namespace Switchback.Kafka.Records;

/// <summary>One record read from a batch. Key, value and header values are slices of the batch, or of its decompressed records.</summary>
/// <param name="Offset">Offset in the partition.</param>
/// <param name="Timestamp">Milliseconds since 1970: create time, or the batch's append time.</param>
/// <param name="Key">The key, or null.</param>
/// <param name="Value">The value; null is a tombstone.</param>
/// <param name="Headers">The headers, in order; keys may repeat.</param>
public readonly record struct Record(
    long Offset,
    long Timestamp,
    ReadOnlyMemory<byte>? Key,
    ReadOnlyMemory<byte>? Value,
    IReadOnlyList<RecordHeader> Headers);

/// <summary>A header of a record.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value, or null.</param>
public readonly record struct RecordHeader(string Key, ReadOnlyMemory<byte>? Value);
