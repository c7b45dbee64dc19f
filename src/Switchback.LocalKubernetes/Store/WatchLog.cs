namespace Switchback.LocalKubernetes.Store;

/// <summary>
/// The last changes of one type, in order. A watch is a position in it, so that a slow watcher costs nothing: when the window has moved past it,
/// it is told so (410) and lists again. The store's lock guards every member.
/// </summary>
internal sealed class WatchLog(int capacity, long startVersion)
{
    private readonly WatchEvent[] ring = new WatchEvent[capacity];
    private long next;
    private long lostUpTo = startVersion;
    private TaskCompletionSource changed = NewSignal();

    /// <summary>The position after the newest change.</summary>
    public long End => next;

    /// <summary>Completes at the next change.</summary>
    public Task Changed => changed.Task;

    private long First => Math.Max(0, next - ring.Length);

    public void Append(WatchEvent change)
    {
        if (next >= ring.Length)
        {
            lostUpTo = ring[next % ring.Length].ResourceVersion;
        }

        ring[next % ring.Length] = change;
        next++;
        var signal = changed;
        changed = NewSignal();
        signal.SetResult();
    }

    /// <summary>The position of the first change after a version; null when changes after it are no longer known.</summary>
    public long? PositionAfter(long version)
    {
        if (version < lostUpTo)
        {
            return null;
        }

        var low = First;
        var high = next;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (ring[middle % ring.Length].ResourceVersion > version)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Up to <paramref name="most"/> changes from a position on; null when the window has moved past it.</summary>
    public List<WatchEvent>? Read(long position, int most)
    {
        if (position < First)
        {
            return null;
        }

        var count = (int)Math.Min(most, next - position);
        var batch = new List<WatchEvent>(count);
        for (var at = 0; at < count; at++)
        {
            batch.Add(ring[(position + at) % ring.Length]);
        }

        return batch;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
