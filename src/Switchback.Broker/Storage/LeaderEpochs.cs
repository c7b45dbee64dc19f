using System.Globalization;
using System.Text;

namespace Switchback.Broker.Storage;

/// <summary>
/// At which offset each leader epoch began, kept in Kafka's <c>leader-epoch-checkpoint</c> file. Consumers and mirrors ask it whether the log they
/// remember is still the log there is (KIP-320).
/// </summary>
internal sealed class LeaderEpochs(string path)
{
    private readonly List<(int Epoch, long StartOffset)> _entries = [];

    /// <summary>The newest epoch that has records; -1 when there is none.</summary>
    public int Latest => _entries.Count == 0 ? -1 : _entries[^1].Epoch;

    public void Load()
    {
        _entries.Clear();
        if (!File.Exists(path))
            return;
        foreach (var line in File.ReadLines(path).Skip(2))
        {
            var parts = line.Split(' ');
            if (parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var epoch)
                && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var offset))
                Add(epoch, offset);
        }
    }

    /// <summary>Notes that records of an epoch begin here; true when that is news and should be saved.</summary>
    public bool Assign(int epoch, long startOffset) => epoch > Latest && Add(epoch, startOffset);

    /// <summary>The end of an epoch: the largest epoch at or below the asked one, and the offset after its last record (-1, -1 when it is unknown).</summary>
    public (int Epoch, long EndOffset) EndOf(int requestedEpoch, long logEndOffset)
    {
        if (_entries.Count == 0 || requestedEpoch < 0)
            return (-1, -1);
        if (requestedEpoch >= Latest)
            return requestedEpoch == Latest ? (Latest, logEndOffset) : (-1, -1);
        var next = _entries.FindIndex(e => e.Epoch > requestedEpoch);
        return next == 0 ? (requestedEpoch, _entries[0].StartOffset) : (_entries[next - 1].Epoch, _entries[next].StartOffset);
    }

    /// <summary>The epoch of the record at an offset; -1 when it is not known.</summary>
    public int EpochFor(long offset)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].StartOffset <= offset)
                return _entries[i].Epoch;
        }

        return -1;
    }

    /// <summary>Forgets epochs that begin at or after the end of the log.</summary>
    public void TruncateTo(long endOffset)
    {
        if (_entries.RemoveAll(e => e.StartOffset >= endOffset) > 0)
            Save();
    }

    /// <summary>Takes back an epoch that begins at the end of the log: it could not be saved.</summary>
    public void Forget(long endOffset) => _entries.RemoveAll(e => e.StartOffset >= endOffset);

    public void Save()
    {
        var text = new StringBuilder("0\n").Append(CultureInfo.InvariantCulture, $"{_entries.Count}\n");
        foreach (var (epoch, offset) in _entries)
            text.Append(CultureInfo.InvariantCulture, $"{epoch} {offset}\n");
        LogFiles.ReplaceAtomically(path, Encoding.ASCII.GetBytes(text.ToString()));
    }

    private bool Add(int epoch, long startOffset)
    {
        _entries.RemoveAll(e => e.StartOffset >= startOffset);
        _entries.Add((epoch, startOffset));
        return true;
    }
}
