namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>The time a pod has to end by itself; it can be shortened while it runs.</summary>
internal sealed class GracePeriod : IDisposable
{
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Timer _timer;
    private readonly Lock _lock = new();
    private DateTimeOffset _deadline = DateTimeOffset.MaxValue;

    public GracePeriod() => _timer = new Timer(_ => _over.TrySetResult());

    /// <summary>Completes when the time is over.</summary>
    public Task Over => _over.Task;

    public TimeSpan Remaining
    {
        get
        {
            lock (_lock)
            {
                return _deadline - DateTimeOffset.UtcNow is { Ticks: > 0 } left ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Ends the period so long from now, unless it ends before that already.</summary>
    public void EndWithin(TimeSpan time)
    {
        lock (_lock)
        {
            var deadline = DateTimeOffset.UtcNow + time;
            if (deadline < _deadline)
            {
                _deadline = deadline;
                _timer.Change(time, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose() => _timer.Dispose();
}
