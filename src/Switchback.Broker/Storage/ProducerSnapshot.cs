using System.Buffers.Binary;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;

namespace Switchback.Broker.Storage;

/// <summary>
/// The producers at a segment's first offset, in Kafka's <c>.snapshot</c> format, so that recovery needs the last segment only. As in Kafka it holds the last
/// batch of each producer, not all five.
/// </summary>
internal static class ProducerSnapshot
{
    private const short Version = 1;
    private const int HeaderSize = 10;
    private const int EntrySize = 8 + 2 + 4 + 8 + 4 + 8 + 4 + 8;

    public static void Save(string path, ProducerStates producers)
    {
        using var writer = new WireWriter(HeaderSize + producers.Entries.Count * EntrySize);
        writer.WriteInt16(Version);
        writer.WriteInt32(0);
        writer.WriteInt32(producers.Entries.Count);
        foreach (var (id, entry) in producers.Entries)
        {
            var last = entry.Batches.Count > 0 ? entry.Batches[^1] : new ProducerBatch(-1, -1, -1, -1, entry.LastTimestamp);
            writer.WriteInt64(id);
            writer.WriteInt16(entry.Epoch);
            writer.WriteInt32(last.LastSequence);
            writer.WriteInt64(last.LastOffset);
            writer.WriteInt32((int)(last.LastOffset - last.FirstOffset));
            writer.WriteInt64(entry.LastTimestamp);
            writer.WriteInt32(entry.CoordinatorEpoch);
            writer.WriteInt64(entry.TransactionStart ?? -1);
        }

        writer.PatchInt32(2, (int)Crc32C.Compute(writer.Written.Span[6..]));
        LogFiles.ReplaceAtomically(path, writer.Written.Span);
    }

    /// <summary>Loads the producers; false when there is no such file or it is damaged.</summary>
    public static bool Load(string path, ProducerStates producers)
    {
        producers.Clear();
        if (!File.Exists(path))
            return false;
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < HeaderSize || BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(2)) != Crc32C.Compute(bytes.AsSpan(6)))
            return false;
        var reader = new WireReader(bytes);
        var version = reader.ReadInt16();
        reader.ReadInt32();
        var count = reader.ReadCount(flexible: false, nullable: false, EntrySize);
        for (var i = 0; i < count; i++)
        {
            var (id, entry) = (reader.ReadInt64(), new ProducerEntry());
            entry.AdvanceEpoch(reader.ReadInt16());
            var (lastSequence, lastOffset, delta, timestamp) = (reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt32(), reader.ReadInt64());
            if (lastSequence >= 0)
                entry.Add(new ProducerBatch((int)((lastSequence - (long)delta) & int.MaxValue), lastSequence, lastOffset - delta, lastOffset, timestamp));
            entry.LastTimestamp = timestamp;
            entry.CoordinatorEpoch = reader.ReadInt32();
            var start = reader.ReadInt64();
            entry.TransactionStart = start < 0 ? null : start;
            producers.Restore(id, entry);
        }

        return version == Version && reader.Failure is null;
    }
}
