using Switchback.Kafka;

namespace Switchback.Broker.Topics;

/// <summary>Whether a broker may answer for a partition, given the leader epoch the client believes in (-1 when it has no belief).</summary>
internal static class LeaderCheck
{
    public static KafkaError Check(Partition? partition, BrokerNode broker, int clientEpoch)
    {
        if (partition is null)
            return KafkaError.UnknownTopicOrPartition;
        if (clientEpoch >= 0 && clientEpoch < partition.LeaderEpoch)
            return KafkaError.FencedLeaderEpoch;
        if (clientEpoch > partition.LeaderEpoch)
            return KafkaError.UnknownLeaderEpoch;
        return partition.Leader == broker.Id ? KafkaError.None : KafkaError.NotLeaderOrFollower;
    }
}
