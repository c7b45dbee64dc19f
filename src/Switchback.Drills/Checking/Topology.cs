using Switchback.Drills.Ledger;

namespace Switchback.Drills.Checking;

/// <summary>Where a record may be: in its own topic on any cluster, and in the copy that a link keeps of that topic.</summary>
internal sealed class Topology(DrillFacts facts)
{
    private readonly HashSet<string> _origins =
    [
        .. facts.Clients.Where(client => client.Role == ClientRole.Producer).Select(client => client.Topic),
        .. facts.Links.SelectMany(link => link.Topics),
    ];

    public IReadOnlyList<LinkFact> Links => facts.Links;

    /// <summary>Whether a topic of this name is one that applications send to.</summary>
    public bool IsOrigin(string topic) => _origins.Contains(topic);

    /// <summary>Whether a record sent to <paramref name="origin"/> belongs at this place.</summary>
    public bool Belongs(ClusterRecord place, string origin) => place.Topic == origin || IsCopy(place.Cluster, place.Topic, origin);

    /// <summary>Whether the topic on that cluster is the copy that some link keeps of <paramref name="origin"/>.</summary>
    public bool IsCopy(string cluster, string topic, string origin) =>
        facts.Links.Any(link => IsCopy(link, cluster, topic, origin));

    /// <summary>Whether the topic on one cluster is the copy that a link keeps of <paramref name="origin"/> on another.</summary>
    public bool IsCopy(string source, string cluster, string topic, string origin) =>
        facts.Links.Any(link => link.Source == source && IsCopy(link, cluster, topic, origin));

    private static bool IsCopy(LinkFact link, string cluster, string topic, string origin) =>
        link.Target == cluster && link.Topics.Contains(origin) && topic == link.Prefix + origin;
}
