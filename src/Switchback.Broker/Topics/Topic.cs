namespace Switchback.Broker.Topics;

/// <summary>A topic as it stands; a change makes a new one.</summary>
internal sealed record Topic(string Name, Guid Id, int CreatedAtStart, IReadOnlyList<Partition> Partitions, IReadOnlyDictionary<string, string> Configuration)
{
    public bool IsInternal => Name is InternalTopics.Offsets or InternalTopics.Transactions;

    public int ReplicationFactor => Partitions[0].Replicas.Length;
}

/// <summary>The topics the cluster keeps for itself.</summary>
internal static class InternalTopics
{
    public const string Offsets = "__consumer_offsets";
    public const string Transactions = "__transaction_state";
}
