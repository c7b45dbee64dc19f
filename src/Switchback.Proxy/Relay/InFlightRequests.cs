namespace Switchback.Proxy.Relay;

/// <summary>What is to be done with the response of a request.</summary>
internal enum ResponseHandling
{
    /// <summary>Passed as it comes.</summary>
    Pass,

    /// <summary>Held whole, decoded and written anew: it carries addresses or versions.</summary>
    Rewrite,

    /// <summary>Streamed; addresses at its end are overwritten.</summary>
    StreamWithTail,

    /// <summary>Dropped, and the bytes kept with the request sent in its place.</summary>
    Replace,

    /// <summary>The proxy's own: handed to who waits for it.</summary>
    Own,

    /// <summary>A SASL token without any header, as they follow SaslHandshake version 0; passed as it comes.</summary>
    Token,
}

/// <summary>A request that was sent and not answered yet.</summary>
internal readonly record struct InFlightRequest(
    int CorrelationId, short ApiKey, short Version, ResponseHandling Handling, byte[]? Replacement = null, TaskCompletionSource<ReadOnlyMemory<byte>>? Waiter = null);

/// <summary>
/// The requests of one connection in flight, oldest first. Added by one thread, matched by another. Brokers answer in order, so that a match is nearly always
/// the oldest; any other order is found too.
/// </summary>
internal sealed class InFlightRequests(int most)
{
    private readonly Lock _lock = new();
    private InFlightRequest[] _ring = new InFlightRequest[8];
    private int _head;
    private int _count;
    private TaskCompletionSource? _space;
    private bool _ended;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>False when as many as allowed are in flight: await <see cref="WaitForSpaceAsync"/> and add again.</summary>
    public bool TryAdd(in InFlightRequest request)
    {
        lock (_lock)
        {
            if (_count >= most)
            {
                return false;
            }

            if (_count == _ring.Length)
            {
                Grow();
            }

            _ring[(_head + _count++) & (_ring.Length - 1)] = request;
            return true;
        }
    }

    public Task WaitForSpaceAsync()
    {
        lock (_lock)
        {
            if (_count < most || _ended)
            {
                return Task.CompletedTask;
            }

            _space ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _space.Task;
        }
    }

    /// <summary>Takes the oldest when its response is a bare token, which carries no correlation id.</summary>
    public bool TryTakeToken(out InFlightRequest request)
    {
        TaskCompletionSource? space;
        lock (_lock)
        {
            request = _count > 0 ? _ring[_head] : default;
            if (request.Handling != ResponseHandling.Token)
            {
                return false;
            }

            space = TakeOldest();
        }

        space?.SetResult();
        return true;
    }

    public bool TryTake(int correlationId, out InFlightRequest request)
    {
        TaskCompletionSource? space;
        lock (_lock)
        {
            var mask = _ring.Length - 1;
            var at = 0;
            while (at < _count && _ring[(_head + at) & mask].CorrelationId != correlationId)
            {
                at++;
            }

            if (at == _count)
            {
                request = default;
                return false;
            }

            request = _ring[(_head + at) & mask];
            for (; at > 0; at--)
            {
                _ring[(_head + at) & mask] = _ring[(_head + at - 1) & mask];
            }

            space = TakeOldest();
        }

        space?.SetResult();
        return true;
    }

    /// <summary>The connection ends: whoever waits is released.</summary>
    public void End()
    {
        var waiters = new List<TaskCompletionSource<ReadOnlyMemory<byte>>>();
        TaskCompletionSource? space;
        lock (_lock)
        {
            _ended = true;
            for (var i = 0; i < _count; i++)
            {
                if (_ring[(_head + i) & (_ring.Length - 1)].Waiter is { } waiter)
                {
                    waiters.Add(waiter);
                }
            }

            space = _space;
            _space = null;
        }

        waiters.ForEach(waiter => waiter.TrySetException(new RelayException("the connection ended")));
        space?.TrySetResult();
    }

    /// <summary>Removes the oldest; answers who waits for the space, to be told outside of the lock.</summary>
    private TaskCompletionSource? TakeOldest()
    {
        _ring[_head] = default;
        _head = (_head + 1) & (_ring.Length - 1);
        _count--;
        var space = _space;
        _space = null;
        return space;
    }

    private void Grow()
    {
        var larger = new InFlightRequest[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_head + i) & (_ring.Length - 1)];
        }

        _ring = larger;
        _head = 0;
    }
}
