using System.Buffers;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Mirror.Writing;

/// <summary>
/// Puts the records of several uncompressed batches into one: fewer requests where the mirror is behind, and more under way where the way is long. Keys, values,
/// headers and timestamps stay; only each record's distances from the batch's first offset and timestamp are new.
/// </summary>
internal static class BatchJoiner
{
    // A record grows by its new distances, and by the length that counts them.
    private const int GrowthOfRecord = 16;

    /// <summary>The most bytes a batch may take once joined.</summary>
    public static int Bound(int bytes, int records) => bytes + (records * GrowthOfRecord);

    /// <summary>Whether a batch's records may be joined with others.</summary>
    public static bool Takes(RecordBatchHeader header) => header.Codec == CompressionCodec.None;

    /// <summary>The batches as one, in a rented array; null when one of them is not what it should be: it is for the target to refuse it.</summary>
    public static (byte[] Array, int Length)? TryJoin(IReadOnlyList<OutgoingBatch> batches)
    {
        var (bytes, records) = (0, 0);
        foreach (var batch in batches)
        {
            if (!RecordBatchPatch.IsCrcValid(batch.Bytes.Span))
                return null;
            bytes += batch.Bytes.Length;
            records += batch.Records;
        }

        var array = ArrayPool<byte>.Shared.Rent(Bound(bytes, records));
        try
        {
            return (array, Join(batches, array));
        }
        catch (Exception e) when (e is WireFormatException or IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException)
        {
            ArrayPool<byte>.Shared.Return(array);
            return null;
        }
    }

    private static int Join(IReadOnlyList<OutgoingBatch> batches, byte[] array)
    {
        RecordBatchHeader.TryRead(batches[0].Bytes.Span, out var first);
        var (position, offset, youngest) = (RecordBatchHeader.Size, 0, long.MinValue);
        foreach (var batch in batches)
        {
            RecordBatchHeader.TryRead(batch.Bytes.Span, out var header);
            Append(batch.Bytes.Span[RecordBatchHeader.Size..], header.RecordsCount, header.BaseTimestamp - first.BaseTimestamp, ref offset, array, ref position);
            youngest = Math.Max(youngest, header.MaxTimestamp);
        }

        (first with
        {
            BatchLength = position - RecordBatchHeader.LengthOverhead,
            LastOffsetDelta = offset - 1,
            MaxTimestamp = youngest,
            RecordsCount = offset,
        }).Write(array);
        RecordBatchPatch.WriteCrc(array.AsSpan(0, position));
        return position;
    }

    private static void Append(ReadOnlySpan<byte> source, int records, long later, ref int offset, byte[] target, ref int position)
    {
        var at = 0;
        for (var i = 0; i < records; i++)
        {
            var length = (int)ReadVarlong(source, ref at);
            var end = checked(at + length);
            var attributes = source[at++];
            var timestamp = ReadVarlong(source, ref at) + later;
            ReadVarlong(source, ref at);
            var rest = source[at..end];
            var output = target.AsSpan(position);
            var written = WriteVarlong(output, 1 + Size(timestamp) + Size(offset) + rest.Length);
            output[written++] = attributes;
            written += WriteVarlong(output[written..], timestamp);
            written += WriteVarlong(output[written..], offset);
            rest.CopyTo(output[written..]);
            position += written + rest.Length;
            offset++;
            at = end;
        }

        if (at != source.Length)
            throw new WireFormatException($"{source.Length - at} bytes are left after the {records} records of a batch");
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int Size(long value) => (70 - System.Numerics.BitOperations.LeadingZeroCount(ZigZag(value) | 1)) / 7;

    private static int WriteVarlong(Span<byte> output, long value)
    {
        var (raw, count) = (ZigZag(value), 0);
        for (; raw > 0x7f; raw >>= 7)
            output[count++] = (byte)(raw | 0x80);
        output[count++] = (byte)raw;
        return count;
    }

    private static long ReadVarlong(ReadOnlySpan<byte> source, ref int at)
    {
        var raw = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = source[at++];
            raw |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0)
                return (long)(raw >> 1) ^ -(long)(raw & 1);
        }

        throw new WireFormatException("a record of the source has a number without an end");
    }
}
