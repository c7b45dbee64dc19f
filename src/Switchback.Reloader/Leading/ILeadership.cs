namespace Switchback.Reloader.Leading;

/// <summary>Whether this replica may change anything.</summary>
internal interface ILeadership
{
    bool IsLeader { get; }
}

/// <summary>The only replica there is.</summary>
internal sealed class SoleReplica : ILeadership
{
    public bool IsLeader => true;
}
