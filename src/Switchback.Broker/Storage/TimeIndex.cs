using System.Buffers.Binary;

namespace Switchback.Broker.Storage;

/// <summary>
/// A segment's sparse map from the largest timestamp so far to the offset that has it, in Kafka's format: entries of twelve bytes.
/// In memory while the segment is written, in a file once it is closed.
/// </summary>
internal sealed class TimeIndex
{
    private const int EntrySize = 12;
    private readonly List<(long Timestamp, int Relative)> _entries = [];

    /// <summary>The largest timestamp of the segment; -1 when it has none.</summary>
    public long MaxTimestamp { get; private set; } = -1;

    /// <summary>The offset, relative to the segment's first, of the batch that has <see cref="MaxTimestamp"/>.</summary>
    public int MaxTimestampOffset { get; private set; }

    public void Observe(long timestamp, int relativeOffset)
    {
        if (timestamp > MaxTimestamp)
            (MaxTimestamp, MaxTimestampOffset) = (timestamp, relativeOffset);
    }

    /// <summary>Adds an entry for what was observed, unless the last entry says so already.</summary>
    public void Mark()
    {
        if (MaxTimestamp >= 0 && (_entries.Count == 0 || _entries[^1].Timestamp < MaxTimestamp))
            _entries.Add((MaxTimestamp, MaxTimestampOffset));
    }

    /// <summary>A relative offset from which a scan finds the first record at or after the timestamp.</summary>
    public int OffsetBefore(long timestamp)
    {
        var found = 0;
        foreach (var (marked, relative) in _entries)
        {
            if (marked >= timestamp)
                break;
            found = relative;
        }

        return found;
    }

    public void Clear()
    {
        _entries.Clear();
        (MaxTimestamp, MaxTimestampOffset) = (-1, 0);
    }

    public void Save(string path)
    {
        Mark();
        var bytes = new byte[_entries.Count * EntrySize];
        for (var i = 0; i < _entries.Count; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * EntrySize), _entries[i].Timestamp);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * EntrySize + 8), _entries[i].Relative);
        }

        LogFiles.ReplaceAtomically(path, bytes);
    }

    /// <summary>Loads a closed segment's index; false when it is missing or damaged.</summary>
    public bool Load(string path)
    {
        Clear();
        if (!File.Exists(path))
            return false;
        var bytes = File.ReadAllBytes(path);
        for (var i = 0; i + EntrySize <= bytes.Length; i += EntrySize)
        {
            var (timestamp, relative) = (BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(i)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(i + 8)));
            if (timestamp <= MaxTimestamp)
            {
                Clear();
                return false;
            }

            Observe(timestamp, relative);
            _entries.Add((timestamp, relative));
        }

        return bytes.Length % EntrySize == 0;
    }
}
