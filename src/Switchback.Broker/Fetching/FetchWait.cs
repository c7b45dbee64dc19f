using Switchback.Broker.Storage;

namespace Switchback.Broker.Fetching;

/// <summary>Waits until one of several logs changes, or the time is up.</summary>
internal sealed class FetchWait : IDisposable
{
    private readonly IReadOnlyList<PartitionLog> _logs;
    private readonly TimeProvider _time;
    private readonly long _deadline;
    private readonly Action _pulse;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FetchWait(IReadOnlyList<PartitionLog> logs, TimeSpan longest, TimeProvider time)
    {
        _logs = logs;
        _time = time;
        _deadline = time.GetTimestamp() + (long)(longest.TotalSeconds * time.TimestampFrequency);
        _pulse = () => Volatile.Read(ref _changed).TrySetResult();
        foreach (var log in logs)
            log.Watchers.Add(_pulse);
    }

    /// <summary>Whether there was a change since the last call, awaited until the deadline; false when that has passed.</summary>
    public async ValueTask<bool> NextAsync(CancellationToken cancellation)
    {
        var left = _time.GetElapsedTime(_time.GetTimestamp(), _deadline);
        if (left <= TimeSpan.Zero)
            return false;
        try
        {
            await _changed.Task.WaitAsync(left, _time, cancellation);
        }
        catch (TimeoutException)
        {
            return false;
        }

        // Armed anew before the caller looks at the logs, so that no change is missed.
        Volatile.Write(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        return true;
    }

    public void Dispose()
    {
        foreach (var log in _logs)
            log.Watchers.Remove(_pulse);
    }
}
