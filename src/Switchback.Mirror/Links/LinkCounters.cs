using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Links;

/// <summary>What a link has done since the process began. For any number of threads.</summary>
internal sealed class LinkCounters
{
    private const int GapsShown = 100;
    private readonly Lock _lock = new();
    private readonly List<(string Partition, SourceGap Gap)> _gaps = [];
    private readonly List<(string Partition, SourceCut Cut)> _cuts = [];
    private long _records;
    private long _bytes;
    private long _batches;
    private long _rewritten;
    private long _joined;
    private long _gapOffsets;
    private long _restarts;

    public long Records => Interlocked.Read(ref _records);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Batches => Interlocked.Read(ref _batches);

    public long Rewritten => Interlocked.Read(ref _rewritten);

    public long Joined => Interlocked.Read(ref _joined);

    public long GapOffsets => Interlocked.Read(ref _gapOffsets);

    public long Restarts => Interlocked.Read(ref _restarts);

    /// <summary>The latest gaps.</summary>
    public IReadOnlyList<(string Partition, SourceGap Gap)> Gaps
    {
        get
        {
            lock (_lock)
                return [.. _gaps];
        }
    }

    /// <summary>The latest cuts.</summary>
    public IReadOnlyList<(string Partition, SourceCut Cut)> Cuts
    {
        get
        {
            lock (_lock)
                return [.. _cuts];
        }
    }

    /// <summary>Notes a cut; one that the next session finds again is the same one.</summary>
    public void AddCut(string partition, SourceCut cut)
    {
        lock (_lock)
        {
            if (_cuts.Contains((partition, cut)))
                return;
            if (_cuts.Count == GapsShown)
                _cuts.RemoveAt(0);
            _cuts.Add((partition, cut));
        }
    }

    /// <summary>The source's batches that travelled as one batch of so many bytes.</summary>
    public void AddCopied(IReadOnlyList<OutgoingBatch> batches, int bytes)
    {
        Interlocked.Add(ref _batches, batches.Count);
        if (batches.Count > 1)
            Interlocked.Add(ref _joined, batches.Count);
        Interlocked.Add(ref _records, batches.Sum(batch => (long)batch.Records));
        Interlocked.Add(ref _bytes, bytes);
    }

    public void AddRewritten() => Interlocked.Increment(ref _rewritten);

    public void AddRestart() => Interlocked.Increment(ref _restarts);

    public void AddGap(string partition, SourceGap gap)
    {
        Interlocked.Add(ref _gapOffsets, gap.ToOffset - gap.FromOffset);
        lock (_lock)
        {
            if (_gaps.Count == GapsShown)
                _gaps.RemoveAt(0);
            _gaps.Add((partition, gap));
        }
    }
}
