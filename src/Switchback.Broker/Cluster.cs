using Microsoft.Extensions.Logging;
using Switchback.Broker.Configuration;
using Switchback.Broker.Groups;
using Switchback.Broker.Topics;
using Switchback.Broker.Transactions;

namespace Switchback.Broker;

/// <summary>A broker of the cluster: an id, the address clients are told, and the port it listens at, which may be another.</summary>
internal sealed record BrokerNode(int Id, string Host, int Port, ListenerSettings Listener, int BoundPort);

/// <summary>What all brokers of an embedded cluster share: they are one process, and the data exists once.</summary>
internal sealed class Cluster
{
    public Cluster(string id, ServerSettings settings, IReadOnlyList<BrokerNode> brokers, TopicRegistry topics, TimeProvider time, ILogger log)
    {
        (Id, Settings, Brokers, Topics, Time, Log) = (id, settings, brokers, topics, time, log);
        ProducerIds = new ProducerIds(topics);
        Creation = new TopicCreation(this);
        Groups = new GroupCoordinator(this);
        Transactions = new TransactionCoordinator(this);
    }

    public string Id { get; }

    public ServerSettings Settings { get; }

    public IReadOnlyList<BrokerNode> Brokers { get; }

    public TopicRegistry Topics { get; }

    public TopicCreation Creation { get; }

    public ProducerIds ProducerIds { get; }

    public GroupCoordinator Groups { get; }

    public TransactionCoordinator Transactions { get; }

    public TimeProvider Time { get; }

    public ILogger Log { get; }

    /// <summary>Milliseconds since 1970, as records carry them.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The brokers that are up, in order of their ids.</summary>
    public IEnumerable<BrokerNode> LiveBrokers => Brokers.Where(b => Topics.IsUp(b.Id));

    /// <summary>
    /// A broker went, and its partitions get other leaders; or it came back. Whoever coordinates a group now begins its members' sessions anew: it cannot know how long
    /// they were silent.
    /// </summary>
    public void SetBrokerUp(int broker, bool up) => Coordinate(Topics.SetBrokerUp(broker, up));

    /// <summary>Gives brokers that came back what they should lead, as Apache Kafka does from time to time.</summary>
    public void BalanceLeaders() => Coordinate(Topics.BalanceLeaders(Settings.Int("leader.imbalance.per.broker.percentage")));

    /// <summary>The broker named as the controller: the first that is up; -1 when none is.</summary>
    public int ControllerId => LiveBrokers.FirstOrDefault()?.Id ?? -1;

    private void Coordinate(IReadOnlyList<Partition> moved)
    {
        foreach (var partition in moved.Where(p => p.Topic == InternalTopics.Offsets))
            Groups.RestartSessions(partition.Index);
    }
}
