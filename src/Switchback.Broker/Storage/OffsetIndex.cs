using System.Buffers.Binary;

namespace Switchback.Broker.Storage;

/// <summary>
/// A segment's sparse map from offset to file position, in Kafka's format: entries of eight bytes, the offset relative to the segment's first and the
/// position. It is held in memory while the segment is written, and in a file once the segment is closed: recovery reads the last segment anyway.
/// </summary>
internal sealed class OffsetIndex
{
    private const int EntrySize = 8;
    private readonly List<(int Relative, int Position)> _entries = [];

    public void Add(int relativeOffset, int position) => _entries.Add((relativeOffset, position));

    /// <summary>The position of the last entry at or below the offset; the segment's beginning when there is none.</summary>
    public int PositionFor(int relativeOffset)
    {
        var (low, high) = (0, _entries.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (_entries[middle].Relative <= relativeOffset)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high < 0 ? 0 : _entries[high].Position;
    }

    public void Clear() => _entries.Clear();

    public void Save(string path)
    {
        var bytes = new byte[_entries.Count * EntrySize];
        for (var i = 0; i < _entries.Count; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * EntrySize), _entries[i].Relative);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(i * EntrySize + 4), _entries[i].Position);
        }

        LogFiles.ReplaceAtomically(path, bytes);
    }

    /// <summary>Loads a closed segment's index; false when the file is missing or does not fit the segment, and a scan must make it anew.</summary>
    public bool Load(string path, long segmentSize)
    {
        _entries.Clear();
        if (!File.Exists(path))
            return false;
        var bytes = File.ReadAllBytes(path);
        var last = (Relative: -1, Position: -1);
        for (var i = 0; i + EntrySize <= bytes.Length; i += EntrySize)
        {
            var entry = (Relative: BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(i)), Position: BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(i + 4)));
            if (entry.Relative <= last.Relative || entry.Position <= last.Position || entry.Position >= segmentSize)
            {
                _entries.Clear();
                return false;
            }

            _entries.Add(entry);
            last = entry;
        }

        return bytes.Length % EntrySize == 0;
    }
}
