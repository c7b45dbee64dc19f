namespace Switchback.Mirror.Positions;

/// <summary>Where a run of records begins: from here on, target and source offsets grow together until the next run.</summary>
internal readonly record struct Breakpoint(long Target, long Source);

/// <summary>
/// Which record of the source lies where in the target's log, for one partition: linear pieces, of which only the beginnings are kept.
/// Gaps in the source (markers, aborted and compacted records) and in the target (the markers of fences) each begin a new piece; so does a source
/// that was cut back or created anew, whose offsets are used again: there the latest piece is the one that counts. For any number of threads.
/// </summary>
internal sealed class OffsetMap
{
    private readonly Lock _lock = new();
    private readonly List<Breakpoint> _byTarget = [];

    /// <summary>The pieces whose beginnings the source still has, with growing source offsets.</summary>
    private readonly List<Breakpoint> _bySource = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _byTarget.Count;
        }
    }

    /// <summary>Adds a breakpoint beyond all others; one at the same target offset as the last takes its place.</summary>
    public void Add(Breakpoint breakpoint)
    {
        lock (_lock)
        {
            if (_byTarget.Count > 0 && breakpoint.Target < _byTarget[^1].Target)
                throw new ArgumentException($"{breakpoint} is not beyond {_byTarget[^1]}", nameof(breakpoint));
            if (_byTarget.Count > 0 && breakpoint.Target == _byTarget[^1].Target)
                _byTarget.RemoveAt(_byTarget.Count - 1);
            _bySource.RemoveAll(earlier => earlier.Target == breakpoint.Target);
            while (_bySource.Count > 0 && _bySource[^1].Source >= breakpoint.Source)
                _bySource.RemoveAt(_bySource.Count - 1);
            _byTarget.Add(breakpoint);
            _bySource.Add(breakpoint);
        }
    }

    /// <summary>The source offset that the piece before it gives a target offset, or null when there is no piece.</summary>
    public long? Extrapolate(long target)
    {
        lock (_lock)
        {
            var i = LastAt(_byTarget, static b => b.Target, target);
            return i < 0 ? null : _byTarget[i].Source + (target - _byTarget[i].Target);
        }
    }

    /// <summary>The target offset of the first mirrored record at or beyond a source offset; null when nothing was mirrored yet.</summary>
    public long? ToTarget(long source)
    {
        lock (_lock)
        {
            if (_byTarget.Count == 0)
                return null;
            var i = LastAt(_bySource, static b => b.Source, source);
            if (i < 0)
                return _bySource[0].Target;
            var target = _bySource[i].Target + (source - _bySource[i].Source);

            // The piece ends where the next one begins in the target, be that one in force or not.
            var next = LastAt(_byTarget, static b => b.Target, _bySource[i].Target) + 1;
            return next < _byTarget.Count && target >= _byTarget[next].Target ? _bySource[i + 1].Target : target;
        }
    }

    /// <summary>The source offset of the first mirrored record at or beyond a target offset; null when nothing was mirrored yet.</summary>
    public long? ToSource(long target)
    {
        lock (_lock)
        {
            if (_byTarget.Count == 0)
                return null;
            var i = LastAt(_byTarget, static b => b.Target, target);
            if (i < 0)
                return _byTarget[0].Source;
            var source = _byTarget[i].Source + (target - _byTarget[i].Target);

            // Of what comes later, the piece in force with the smallest source offset: a cut source gives these offsets to other records.
            var later = LastAt(_bySource, static b => b.Target, _byTarget[i].Target) + 1;
            return later < _bySource.Count ? Math.Min(source, _bySource[later].Source) : source;
        }
    }

    private static int LastAt(List<Breakpoint> list, Func<Breakpoint, long> offsetOf, long offset)
    {
        var (low, high) = (0, list.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (offsetOf(list[middle]) <= offset)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return high;
    }
}
