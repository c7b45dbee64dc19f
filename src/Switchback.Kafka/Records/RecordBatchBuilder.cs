using System.Text;
using Switchback.Kafka.Compression;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Records;

/// <summary>Builds one batch, magic 2. Set the header's properties at any time before <see cref="Build"/>.</summary>
public sealed class RecordBatchBuilder : IDisposable
{
    private readonly WireWriter _records = new(4096);
    private readonly WireWriter _record = new();
    private long _baseTimestamp;
    private long _maxTimestamp;
    private int _lastOffsetDelta = -1;

    /// <summary>Offset of the first record; a broker sets its own.</summary>
    public long BaseOffset { get; set; }

    /// <summary>The leader's epoch; a broker sets its own.</summary>
    public int PartitionLeaderEpoch { get; set; } = -1;

    /// <summary>How the records are compressed.</summary>
    public CompressionCodec Codec { get; set; }

    /// <summary>The producer's id, or -1.</summary>
    public long ProducerId { get; set; } = -1;

    /// <summary>The producer's epoch, or -1.</summary>
    public short ProducerEpoch { get; set; } = -1;

    /// <summary>The producer's sequence number of the first record, or -1.</summary>
    public int BaseSequence { get; set; } = -1;

    /// <summary>Attribute bits besides the codec's.</summary>
    public BatchAttributes Attributes { get; set; }

    /// <summary>Records appended so far.</summary>
    public int Count { get; private set; }

    /// <summary>Size in bytes of the batch as it is, before compression.</summary>
    public int UncompressedSize => RecordBatchHeader.Size + _records.Position;

    /// <summary>Appends a record at the next offset.</summary>
    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <param name="key">The key, or null.</param>
    /// <param name="value">The value, or null for a tombstone.</param>
    /// <param name="headers">The headers, or null for none.</param>
    public void Append(long timestamp, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value, IReadOnlyList<RecordHeader>? headers = null) =>
        AppendAt(_lastOffsetDelta + 1, timestamp, key, value, headers);

    /// <summary>Appends a record at a given distance from <see cref="BaseOffset"/>, which must grow; gaps are what compaction leaves.</summary>
    public void AppendAt(
        int offsetDelta, long timestamp, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value, IReadOnlyList<RecordHeader>? headers = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(offsetDelta, _lastOffsetDelta);
        if (Count == 0)
            _baseTimestamp = _maxTimestamp = timestamp;
        _maxTimestamp = Math.Max(_maxTimestamp, timestamp);
        _record.Reset();
        _record.WriteInt8(0);
        _record.WriteVarlong(timestamp - _baseTimestamp);
        _record.WriteVarint(offsetDelta);
        WriteNullable(key);
        WriteNullable(value);
        _record.WriteVarint(headers?.Count ?? 0);
        for (var i = 0; i < headers?.Count; i++)
        {
            WriteNullable(Encoding.UTF8.GetBytes(headers[i].Key));
            WriteNullable(headers[i].Value);
        }

        _records.WriteVarint(_record.Position);
        _records.WriteRaw(_record.Written.Span);
        _lastOffsetDelta = offsetDelta;
        Count++;
    }

    /// <summary>The finished batch, checksum and all, in an array of its own.</summary>
    /// <exception cref="InvalidOperationException">No record was appended.</exception>
    public byte[] Build()
    {
        if (Count == 0)
            throw new InvalidOperationException("a record batch needs at least one record");
        var payload = Codecs.Compress(Codec, _records.Written);
        var batch = new byte[RecordBatchHeader.Size + payload.Length];
        payload.Span.CopyTo(batch.AsSpan(RecordBatchHeader.Size));
        var attributes = (Attributes & ~BatchAttributes.CodecMask) | (BatchAttributes)Codec;
        new RecordBatchHeader(
            BaseOffset, batch.Length - RecordBatchHeader.LengthOverhead, PartitionLeaderEpoch, 2, 0, attributes, _lastOffsetDelta,
            _baseTimestamp, _maxTimestamp, ProducerId, ProducerEpoch, BaseSequence, Count).Write(batch);
        RecordBatchPatch.WriteCrc(batch);
        return batch;
    }

    /// <summary>Forgets the records, to build another batch with the same properties.</summary>
    public void Clear()
    {
        _records.Reset();
        _lastOffsetDelta = -1;
        Count = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _records.Dispose();
        _record.Dispose();
    }

    private void WriteNullable(ReadOnlyMemory<byte>? bytes)
    {
        _record.WriteVarint(bytes?.Length ?? -1);
        _record.WriteRaw(bytes.GetValueOrDefault().Span);
    }
}
