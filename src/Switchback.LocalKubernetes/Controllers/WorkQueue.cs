using System.Threading.Channels;

namespace Switchback.LocalKubernetes.Controllers;

/// <summary>Keys to look at, each at most once in the queue. A key added while it is being worked on is worked on again.</summary>
internal sealed class WorkQueue
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _queued = [];
    private readonly Dictionary<string, int> _failures = [];
    private readonly Channel<string> _keys = Channel.CreateUnbounded<string>();

    public void Add(string key)
    {
        lock (_gate)
        {
            if (_queued.Add(key))
            {
                _keys.Writer.TryWrite(key);
            }
        }
    }

    public void AddAfter(string key, TimeSpan delay, CancellationToken cancellation) =>
        _ = Task.Delay(delay, cancellation).ContinueWith(_ => Add(key), cancellation, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    /// <summary>Adds a key whose last try failed: later and later, from 5 ms to a minute.</summary>
    public void AddFailed(string key, CancellationToken cancellation)
    {
        int failures;
        lock (_gate)
        {
            failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        }

        AddAfter(key, TimeSpan.FromMilliseconds(Math.Min(60_000, 5 * Math.Pow(2, failures - 1))), cancellation);
    }

    public void Forget(string key)
    {
        lock (_gate)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>The next key; it leaves the queue, so that a change from now on adds it again.</summary>
    public async Task<string> TakeAsync(CancellationToken cancellation)
    {
        var key = await _keys.Reader.ReadAsync(cancellation);
        lock (_gate)
        {
            _queued.Remove(key);
        }

        return key;
    }
}
