namespace Switchback.Reloader.Rolling;

/// <summary>
/// Keys with a time at which each is due. A key that is queued keeps its earlier time; one that is being handled is handled again afterwards, never
/// twice at once.
/// </summary>
internal sealed class DueQueue<TKey>(TimeProvider time, int parallelism) : IDisposable
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly Dictionary<TKey, long> due = [];
    private readonly PriorityQueue<TKey, long> order = new();
    private readonly HashSet<TKey> running = [];
    private readonly SemaphoreSlim changed = new(0, 1);
    private readonly SemaphoreSlim slots = new(parallelism, parallelism);

    /// <summary>How many keys wait or are being handled.</summary>
    public int Depth
    {
        get
        {
            lock (gate)
            {
                return due.Count + running.Count;
            }
        }
    }

    /// <summary>Queues the key, or brings it forward.</summary>
    public void Add(TKey key, TimeSpan after) => Put(key, after, keepEarlier: true);

    /// <summary>Queues the key for this time, whatever it was queued for.</summary>
    public void Reschedule(TKey key, TimeSpan after) => Put(key, after, keepEarlier: false);

    private void Put(TKey key, TimeSpan after, bool keepEarlier)
    {
        var at = time.GetTimestamp() + (long)(after.TotalSeconds * time.TimestampFrequency);
        lock (gate)
        {
            if (keepEarlier && due.TryGetValue(key, out var earlier) && earlier <= at)
            {
                return;
            }

            due[key] = at;
            order.Enqueue(key, at);
        }

        Wake();
    }

    public void Dispose()
    {
        changed.Dispose();
        slots.Dispose();
    }

    /// <summary>
    /// Hands each key to <paramref name="handle"/> when it is due. Ends when cancelled, once all that was begun has ended; or with what a handler threw.
    /// </summary>
    public async Task RunAsync(Func<TKey, Task> handle, CancellationToken cancellation)
    {
        var failure = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            while (true)
            {
                await slots.WaitAsync(cancellation);
                var taken = false;
                try
                {
                    var key = await NextAsync(failure.Task, cancellation);
                    taken = true;
                    _ = Task.Run(() => HandleAsync(key, handle, failure), CancellationToken.None);
                }
                finally
                {
                    if (!taken)
                    {
                        slots.Release();
                    }
                }
            }
        }
        finally
        {
            for (var ended = 0; ended < parallelism; ended++)
            {
                await slots.WaitAsync(CancellationToken.None);
            }

            slots.Release(parallelism);
        }
    }

    private async Task HandleAsync(TKey key, Func<TKey, Task> handle, TaskCompletionSource failure)
    {
        try
        {
            await handle(key);
        }
        catch (Exception caught)
        {
            failure.TrySetException(caught);
        }
        finally
        {
            lock (gate)
            {
                running.Remove(key);
            }

            slots.Release();
            Wake();
        }
    }

    private async Task<TKey> NextAsync(Task failed, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (failed.IsFaulted)
            {
                await failed;
            }

            var pause = TryTake(out var key);
            if (pause is null)
            {
                return key!;
            }

            await changed.WaitAsync(pause.Value, cancellation);
        }
    }

    private TimeSpan? TryTake(out TKey? taken)
    {
        lock (gate)
        {
            var busy = new List<(TKey Key, long At)>();
            TimeSpan? pause = Timeout.InfiniteTimeSpan;
            taken = default;
            while (order.TryPeek(out var key, out var at))
            {
                if (!due.TryGetValue(key, out var current) || current != at)
                {
                    order.Dequeue();
                    continue;
                }

                var left = time.GetElapsedTime(time.GetTimestamp(), at);
                if (left > TimeSpan.Zero)
                {
                    // Rounded up: a wait that ends a fraction early would spin.
                    pause = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
                    break;
                }

                order.Dequeue();
                if (running.Contains(key))
                {
                    busy.Add((key, at));
                    continue;
                }

                due.Remove(key);
                running.Add(key);
                taken = key;
                pause = null;
                break;
            }

            foreach (var (key, at) in busy)
            {
                order.Enqueue(key, at);
            }

            return pause;
        }
    }

    private void Wake()
    {
        lock (gate)
        {
            if (changed.CurrentCount == 0)
            {
                changed.Release();
            }
        }
    }
}
