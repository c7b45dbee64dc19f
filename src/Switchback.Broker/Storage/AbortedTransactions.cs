using System.Buffers.Binary;

namespace Switchback.Broker.Storage;

/// <summary>An aborted transaction: its producer, the offsets of its first record and of its marker, and the last stable offset after it.</summary>
internal readonly record struct AbortedRange(long ProducerId, long FirstOffset, long LastOffset, long LastStableOffset);

/// <summary>The aborted transactions whose markers are in one segment, in Kafka's <c>.txnindex</c> format: a reader of committed records leaves them out.</summary>
internal sealed class AbortedTransactions
{
    private const int EntrySize = 34;
    private readonly List<AbortedRange> _ranges = [];

    public IReadOnlyList<AbortedRange> Ranges => _ranges;

    public void Add(AbortedRange range) => _ranges.Add(range);

    public void Clear() => _ranges.Clear();

    /// <summary>Saves the list, or nothing when it is empty: as in Kafka a segment without aborted transactions has no such file.</summary>
    public void Save(string path)
    {
        if (_ranges.Count == 0)
            return;
        var bytes = new byte[_ranges.Count * EntrySize];
        for (var i = 0; i < _ranges.Count; i++)
        {
            var entry = bytes.AsSpan(i * EntrySize);
            BinaryPrimitives.WriteInt64BigEndian(entry[2..], _ranges[i].ProducerId);
            BinaryPrimitives.WriteInt64BigEndian(entry[10..], _ranges[i].FirstOffset);
            BinaryPrimitives.WriteInt64BigEndian(entry[18..], _ranges[i].LastOffset);
            BinaryPrimitives.WriteInt64BigEndian(entry[26..], _ranges[i].LastStableOffset);
        }

        LogFiles.ReplaceAtomically(path, bytes);
    }

    public void Load(string path)
    {
        _ranges.Clear();
        if (!File.Exists(path))
            return;
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i + EntrySize <= bytes.Length; i += EntrySize)
        {
            var entry = bytes.AsSpan(i);
            _ranges.Add(new AbortedRange(
                BinaryPrimitives.ReadInt64BigEndian(entry[2..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[10..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[18..]),
                BinaryPrimitives.ReadInt64BigEndian(entry[26..])));
        }
    }
}
