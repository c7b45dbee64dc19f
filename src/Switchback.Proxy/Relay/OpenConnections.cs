namespace Switchback.Proxy.Relay;

/// <summary>Counts the client connections that are open, and when the last one ended.</summary>
internal sealed class OpenConnections
{
    private int _open;
    private long _lastActive = Environment.TickCount64;

    public int Count => Volatile.Read(ref _open);

    /// <summary>For how long none has been open; zero while one is.</summary>
    public TimeSpan QuietFor => Count > 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastActive));

    public async Task RunAsync(Func<Task> connection)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await connection().ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _lastActive, Environment.TickCount64);
            Interlocked.Decrement(ref _open);
        }
    }
}
