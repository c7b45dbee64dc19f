namespace Switchback.Broker.Network;

/// <summary>
/// Ends a connection on which no byte was read or written for <c>connections.max.idle.ms</c>. As with Apache Kafka a request that is being waited for does not count.
/// </summary>
internal sealed class IdleLimit : IDisposable
{
    /// <summary>A timer takes no more than some weeks; it is set again when it was too early.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _ended;
    private readonly ITimer? _timer;
    private long _lastActive;

    /// <param name="time">What measures.</param>
    /// <param name="limit">How long a connection may be idle; null for ever.</param>
    /// <param name="stopping">What ends the connection anyway.</param>
    public IdleLimit(TimeProvider time, TimeSpan? limit, CancellationToken stopping)
    {
        (_time, _limit, _lastActive) = (time, limit ?? Timeout.InfiniteTimeSpan, time.GetTimestamp());
        _ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (limit is not null)
        {
            _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            LookIn(_limit);
        }
    }

    /// <summary>Cancelled when the connection was idle for too long, or is to end anyway.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Whether the connection was idle for too long.</summary>
    public bool IsReached { get; private set; }

    /// <summary>Something was read or written.</summary>
    public void NoteActivity() => Volatile.Write(ref _lastActive, _time.GetTimestamp());

    public void Dispose()
    {
        _timer?.Dispose();
        _ended.Dispose();
    }

    private void Look()
    {
        var left = _limit - _time.GetElapsedTime(Volatile.Read(ref _lastActive));
        if (left > TimeSpan.Zero)
        {
            LookIn(left);
            return;
        }

        try
        {
            IsReached = true;
            _ended.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    private void LookIn(TimeSpan wait) => _timer!.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
}
