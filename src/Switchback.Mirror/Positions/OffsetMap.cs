namespace Switchback.Mirror.Positions;

/// <summary>Where a run of records begins: from here on, target and source offsets grow together until the next run.</summary>
internal readonly record struct Breakpoint(long Target, long Source);

/// <summary>
/// Which record of the source lies where in the target's log, for one partition: linear pieces, of which only the beginnings are kept.
/// Gaps in the source (markers, aborted and compacted records) and in the target (the markers of fences) each begin a new piece.
/// For any number of threads.
/// </summary>
internal sealed class OffsetMap
{
    private readonly Lock _lock = new();
    private readonly List<Breakpoint> _breakpoints = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _breakpoints.Count;
        }
    }

    /// <summary>Adds a breakpoint beyond all others.</summary>
    public void Add(Breakpoint breakpoint)
    {
        lock (_lock)
        {
            if (_breakpoints.Count > 0 && (breakpoint.Target <= _breakpoints[^1].Target || breakpoint.Source <= _breakpoints[^1].Source))
                throw new ArgumentException($"{breakpoint} is not beyond {_breakpoints[^1]}", nameof(breakpoint));
            _breakpoints.Add(breakpoint);
        }
    }

    /// <summary>Takes out the breakpoints beyond a target offset: they were announced, and their records never arrived.</summary>
    public IReadOnlyList<Breakpoint> RemoveBeyond(long target)
    {
        lock (_lock)
        {
            var removed = _breakpoints.Where(b => b.Target > target).ToList();
            _breakpoints.RemoveAll(b => b.Target > target);
            return removed;
        }
    }

    /// <summary>The source offset that the piece before it gives a target offset, or null when there is no piece.</summary>
    public long? Extrapolate(long target)
    {
        lock (_lock)
        {
            var i = LastAt(b => b.Target, target);
            return i < 0 ? null : _breakpoints[i].Source + (target - _breakpoints[i].Target);
        }
    }

    /// <summary>The target offset of the first mirrored record at or beyond a source offset; null when nothing was mirrored yet.</summary>
    public long? ToTarget(long source)
    {
        lock (_lock)
        {
            if (_breakpoints.Count == 0)
                return null;
            var i = LastAt(b => b.Source, source);
            if (i < 0)
                return _breakpoints[0].Target;
            var target = _breakpoints[i].Target + (source - _breakpoints[i].Source);
            return i + 1 < _breakpoints.Count ? Math.Min(target, _breakpoints[i + 1].Target) : target;
        }
    }

    /// <summary>The source offset of the first mirrored record at or beyond a target offset; null when nothing was mirrored yet.</summary>
    public long? ToSource(long target)
    {
        lock (_lock)
        {
            if (_breakpoints.Count == 0)
                return null;
            var i = LastAt(b => b.Target, target);
            if (i < 0)
                return _breakpoints[0].Source;
            var source = _breakpoints[i].Source + (target - _breakpoints[i].Target);
            return i + 1 < _breakpoints.Count ? Math.Min(source, _breakpoints[i + 1].Source) : source;
        }
    }

    private int LastAt(Func<Breakpoint, long> offsetOf, long offset)
    {
        var (low, high) = (0, _breakpoints.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (offsetOf(_breakpoints[middle]) <= offset)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high;
    }
}
