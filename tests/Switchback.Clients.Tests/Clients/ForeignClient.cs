using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Clients;

/// <summary>A record as a client delivered it.</summary>
internal sealed record Delivered(int Partition, long Offset, string Value);

/// <summary>A Kafka client that others wrote, driven the same way whichever it is.</summary>
internal abstract class ForeignClient
{
    public static IReadOnlyList<ForeignClient> All { get; } = [new ConfluentClient(), new KcatClient(), new KafkaPythonClient(), new KafkaJsClient(), new PlatformaticClient(), new JavaClient()];

    /// <summary>How its maker calls it.</summary>
    public abstract string Name { get; }

    /// <summary>The compression codecs it has, without plugins.</summary>
    public abstract IReadOnlyList<string> Codecs { get; }

    /// <summary>Whether its transactions can commit a group's offsets.</summary>
    public virtual bool CommitsOffsetsInTransactions => false;

    public virtual bool Transacts => true;

    /// <summary>Whether its producer is idempotent: nothing comes twice, and nothing out of order, whatever happens.</summary>
    public virtual bool IsIdempotent => false;

    /// <summary>Whether its members can join by the protocol of KIP-848.</summary>
    public virtual bool HasNewGroups => false;

    /// <summary>Why it cannot be used on this machine, or null.</summary>
    public abstract Task<string?> WhyMissingAsync();

    /// <summary>A producer that is given its values one by one.</summary>
    public abstract Task<ClientSession> ProduceAsync(ClientTarget target, string topic, string codec = "none");

    /// <summary>A producer under a steady load: it is given values, or makes its own, until it is ended.</summary>
    public virtual async Task<ClientSession> LoadAsync(ClientTarget target, string topic) => new SteadyLoad(await ProduceAsync(target, topic));

    /// <summary>A member of a group that reads from the beginning where nothing is committed, and commits what it reads.</summary>
    public abstract ClientSession Join(ClientTarget target, string topic, string group, bool newProtocol = false);

    /// <summary>Goes to an offset and reads <paramref name="count"/> records from there.</summary>
    public abstract Task<IReadOnlyList<Delivered>> ReadAsync(ClientTarget target, string topic, int partition, long offset, int count);

    /// <summary>Where its transactions go: some tools know neither TLS nor SASL.</summary>
    public virtual ClientTarget WhereItTransacts(ClientTarget target, TestedCluster cluster) => target;

    /// <summary>Writes to partition 0 in several transactions, of which it aborts some, and answers the values it committed, in order.</summary>
    public abstract Task<IReadOnlyList<string>> TransactAsync(ClientTarget target, Judge judge, string topic, string group);
}
