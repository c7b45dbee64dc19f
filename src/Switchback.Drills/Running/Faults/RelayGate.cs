namespace Switchback.Drills.Running.Faults;

/// <summary>Whether bytes of one side pass in one direction; what comes while it is closed waits, as TCP's own repetitions would.</summary>
internal sealed class RelayGate
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _closed;

    /// <summary>Ends when bytes may pass.</summary>
    public Task Opened
    {
        get
        {
            lock (_gate)
            {
                return _closed?.Task ?? Task.CompletedTask;
            }
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Open()
    {
        lock (_gate)
        {
            _closed?.SetResult();
            _closed = null;
        }
    }
}

/// <summary>The ways between one side and a cluster.</summary>
internal sealed class RelaySide
{
    /// <summary>To the cluster.</summary>
    public RelayGate Requests { get; } = new();

    /// <summary>From the cluster.</summary>
    public RelayGate Responses { get; } = new();
}

/// <summary>Whose connection it is.</summary>
internal enum RelayPeer
{
    /// <summary>An application's, or its proxy's.</summary>
    Client,

    Mirror,

    /// <summary>The drill's own, which nobody cuts: it reads the clusters.</summary>
    Drill,
}
