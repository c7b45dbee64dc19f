using System.Buffers;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Storage;

/// <summary>Walks the batches of a segment by their headers.</summary>
internal static class SegmentScanner
{
    private const int WindowSize = 8192;

    /// <summary>
    /// The first batch at or after <paramref name="position"/> that satisfies the condition, with its position; null when there is none before the end.
    /// </summary>
    public static (RecordBatchHeader Header, int Position)? Find(LogSegment segment, int position, Func<RecordBatchHeader, bool> condition)
    {
        var window = ArrayPool<byte>.Shared.Rent(WindowSize);
        try
        {
            var (start, length) = (0L, 0);
            for (long at = position; at + RecordBatchHeader.Size <= segment.Size;)
            {
                if (at < start || at + RecordBatchHeader.Size > start + length)
                {
                    start = at;
                    length = RandomAccess.Read(segment.Handle, window.AsSpan(0, WindowSize), at);
                }

                if (!RecordBatchHeader.TryRead(window.AsSpan((int)(at - start), (int)(length - (at - start))), out var header)
                    || header.TotalSize < RecordBatchHeader.Size)
                    return null;
                if (condition(header))
                    return (header, (int)at);
                at += header.TotalSize;
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    /// <summary>The position of the batch that holds the offset or, in a gap, of the next one; the segment's size when there is none.</summary>
    public static int PositionOf(LogSegment segment, long offset)
    {
        var start = segment.Offsets.PositionFor((int)Math.Min(offset - segment.BaseOffset, int.MaxValue));
        return Find(segment, start, h => h.LastOffset >= offset)?.Position ?? segment.Size;
    }

    /// <summary>Reads one whole batch.</summary>
    public static RecordBatch Read(LogSegment segment, in RecordBatchHeader header, int position)
    {
        var bytes = new byte[header.TotalSize];
        var read = RandomAccess.Read(segment.Handle, bytes, position);
        return read == bytes.Length ? new RecordBatch(header, bytes) : throw new IOException($"batch at {position} of segment {segment.BaseOffset} is cut short");
    }

    /// <summary>
    /// Reads a segment from its beginning, checks every batch and hands it on, and returns the size of its sound part: what follows is a torn tail.
    /// </summary>
    public static int ReadSound(LogSegment segment, Action<RecordBatch, int> visit)
    {
        const int ChunkSize = 1 << 20;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            var (position, nextOffset) = (0, segment.BaseOffset);
            while (position + RecordBatchHeader.Size <= segment.Size)
            {
                var length = RandomAccess.Read(segment.Handle, buffer.AsSpan(0, Math.Min(buffer.Length, segment.Size - position)), position);
                var consumed = 0;
                while (RecordBatchHeader.TryRead(buffer.AsSpan(consumed, length - consumed), out var header) && header.TotalSize <= length - consumed)
                {
                    if (header.Magic != 2 || header.TotalSize < RecordBatchHeader.Size || header.BaseOffset < nextOffset || header.LastOffsetDelta < 0)
                        return position + consumed;
                    var batch = new RecordBatch(header, buffer.AsMemory(consumed, (int)header.TotalSize));
                    if (!batch.IsCrcValid)
                        return position + consumed;
                    visit(batch, position + consumed);
                    nextOffset = batch.Header.NextOffset;
                    consumed += batch.Bytes.Length;
                }

                if (consumed == 0 && !Enlarge(ref buffer, segment.Size - position))
                    return position;
                position += consumed;
            }

            return position;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A batch larger than the buffer gets a larger buffer, but never a larger one than the rest of the file could fill.</summary>
    private static bool Enlarge(ref byte[] buffer, int remaining)
    {
        if (!RecordBatchHeader.TryRead(buffer, out var header) || header.Magic != 2 || header.TotalSize <= buffer.Length || header.TotalSize > remaining)
            return false;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = ArrayPool<byte>.Shared.Rent((int)header.TotalSize);
        return true;
    }
}
