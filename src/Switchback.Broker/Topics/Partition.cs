using Switchback.Broker.Storage;

namespace Switchback.Broker.Topics;

/// <summary>One partition: its log, and which broker leads it. All replicas share the one copy on disk.</summary>
internal sealed class Partition(string topic, Guid topicId, int index, int[] replicas, PartitionLog log)
{
    public const int NoLeader = -1;

    public string Topic { get; } = topic;

    public Guid TopicId { get; } = topicId;

    public int Index { get; } = index;

    /// <summary>The brokers that hold it, the preferred leader first.</summary>
    public int[] Replicas { get; } = replicas;

    public PartitionLog Log { get; } = log;

    /// <summary>The broker that leads, or <see cref="NoLeader"/> while none of the replicas is up.</summary>
    public int Leader { get; set; } = replicas[0];

    /// <summary>Rises with every new leader, and with every start of the cluster.</summary>
    public int LeaderEpoch { get; set; }

    /// <summary>How often the leader moved apart from starts.</summary>
    public int Moves { get; set; }

    /// <summary>Another broker leads from now on, or none; whoever waits for records looks again.</summary>
    public void MoveTo(int leader)
    {
        // The epoch first: who sees the new leader must not take the old epoch for its.
        LeaderEpoch++;
        Leader = leader;
        Log.Watchers.Pulse();
    }
}
