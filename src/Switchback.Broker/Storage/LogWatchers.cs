namespace Switchback.Broker.Storage;

/// <summary>Those who wait for a log to grow: fetches held back until there is something to answer.</summary>
internal sealed class LogWatchers
{
    private readonly Lock _gate = new();
    private readonly List<Action> _waiting = [];

    public void Add(Action pulse)
    {
        lock (_gate)
            _waiting.Add(pulse);
    }

    public void Remove(Action pulse)
    {
        lock (_gate)
            _waiting.Remove(pulse);
    }

    /// <summary>Tells everyone who waits; they look for themselves whether it is enough.</summary>
    public void Pulse()
    {
        lock (_gate)
        {
            foreach (var pulse in _waiting)
                pulse();
        }
    }
}
