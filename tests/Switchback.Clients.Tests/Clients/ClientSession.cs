namespace Switchback.Clients.Tests.Clients;

/// <summary>A producer or a group's member that runs beside the test, and what it has said so far.</summary>
internal abstract class ClientSession : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _acknowledged = [];
    private readonly List<Delivered> _delivered = [];
    private SortedSet<int> _assigned = [];

    /// <summary>Values it was told are kept, in the order it was told.</summary>
    public virtual IReadOnlyList<string> Acknowledged => Snapshot(() => _acknowledged.ToList());

    /// <summary>How many records it was told are kept.</summary>
    public virtual int AcknowledgedCount => Snapshot(() => _acknowledged.Count);

    public IReadOnlyList<Delivered> Delivered => Snapshot(() => _delivered.ToList());

    public int DeliveredCount => Snapshot(() => _delivered.Count);

    /// <summary>The partitions it has now.</summary>
    public IReadOnlyList<int> Assigned => Snapshot(() => _assigned.ToList());

    /// <summary>Whether it has given up, or was ended.</summary>
    public virtual bool HasEnded => false;

    /// <summary>What it complained of, for messages.</summary>
    public abstract string Complaints { get; }

    /// <summary>Hands a value to the producer.</summary>
    public abstract Task SendAsync(string value);

    /// <summary>Ends as an application does: sends what is left, commits what was read, leaves its group.</summary>
    public abstract Task EndAsync();

    public abstract ValueTask DisposeAsync();

    protected void Acknowledge(string value) => Snapshot(() =>
    {
        _acknowledged.Add(value);
        return true;
    });

    protected void Deliver(Delivered record) => Snapshot(() =>
    {
        _delivered.Add(record);
        return true;
    });

    protected void Assign(IEnumerable<int> partitions) => Snapshot(() => _assigned = [.. partitions]);

    protected void AssignAlso(IEnumerable<int> partitions) => Snapshot(() => _assigned = [.. _assigned, .. partitions]);

    protected void Revoke(IEnumerable<int> partitions) => Snapshot(() => _assigned = [.. _assigned.Except(partitions)]);

    private T Snapshot<T>(Func<T> look)
    {
        lock (_lock)
            return look();
    }
}
