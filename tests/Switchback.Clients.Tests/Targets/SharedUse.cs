namespace Switchback.Clients.Tests.Targets;

/// <summary>Many at once, or one alone: tests share a cluster, and a test that kills it has it to itself.</summary>
internal sealed class SharedUse : IDisposable
{
    private readonly SemaphoreSlim _door = new(1);
    private readonly SemaphoreSlim _left = new(0);
    private int _inside = 1;

    /// <summary>Waits while one is alone, or waits to be.</summary>
    public async Task<T> SharedAsync<T>(Func<Task<T>> use)
    {
        await _door.WaitAsync(TestContext.Current.CancellationToken);
        Interlocked.Increment(ref _inside);
        _door.Release();
        try
        {
            return await use();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Waits until nobody is inside.</summary>
    public async Task<T> AloneAsync<T>(Func<Task<T>> use)
    {
        await _door.WaitAsync();
        try
        {
            Leave();
            await _left.WaitAsync();
            Interlocked.Increment(ref _inside);
            return await use();
        }
        finally
        {
            _door.Release();
        }
    }

    public void Dispose()
    {
        _door.Dispose();
        _left.Dispose();
    }

    // One is counted for the cluster itself, so that the count reaches zero only when somebody waits to be alone.
    private void Leave()
    {
        if (Interlocked.Decrement(ref _inside) == 0)
            _left.Release();
    }
}
