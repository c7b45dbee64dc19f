using Switchback.Broker.Tests.Protocol;
using Switchback.Kafka.Client;

namespace Switchback.Broker.Tests.Faults;

/// <summary>A cluster of three brokers that can be hurt. Everything is forced to disk at once, where a topic does not say otherwise.</summary>
public abstract class FaultTarget : ClusterTarget
{
    /// <summary>What both kinds are configured with: short waits, and all that matters replicated.</summary>
    protected static readonly string[] Configuration =
    [
        "group.initial.rebalance.delay.ms=0",
        "broker.session.timeout.ms=3000",
        "offsets.topic.num.partitions=4",
        "offsets.topic.replication.factor=3",
        "transaction.state.log.num.partitions=4",
        "transaction.abort.timed.out.transaction.cleanup.interval.ms=500",
        "log.flush.interval.messages=1",
    ];

    /// <summary>kill -9 of one broker.</summary>
    public abstract Task KillBrokerAsync(int broker);

    /// <summary>Has one broker end in good order.</summary>
    public abstract Task StopBrokerAsync(int broker);

    /// <summary>The broker that ended comes back.</summary>
    public abstract Task StartBrokerAsync(int broker);

    /// <summary>Partitions whose first replica is back are led by it again.</summary>
    public abstract Task BalanceLeadersAsync();

    /// <summary>The power fails for the whole cluster and comes back. Of one partition only the first <paramref name="kept"/> records had reached the disk.</summary>
    public abstract Task LosePowerAsync(TopicPartition partition, long kept);
}
