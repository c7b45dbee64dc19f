using Switchback.Proxy.Listeners;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Rewriting;

/// <summary>
/// Who is who upstream, as the client of one connection sees it: the one place where node ids, the cluster's id, topic ids, leader epochs and producer ids would be
/// mapped, and where a broker's address becomes a local one. Today everything but addresses is itself; a switch of the cluster behind a live connection will map them,
/// because clusters hand out the same ones: a batch with another cluster's producer id can be acknowledged and dropped, silently.
/// </summary>
internal sealed class UpstreamIdentity(BrokerListeners listeners)
{
    /// <summary>The address a client is told. An absent one (empty host, as in answers that carry an error) stays absent.</summary>
    public (string Host, int Port) Address(int nodeId, string host, int port)
    {
        if (host.Length == 0 || port is <= 0 or > 65535)
        {
            return ("", -1);
        }

        var local = listeners.Resolve(nodeId, new HostPort(host, port));
        return (local.Host, local.Port);
    }

    /// <summary>A broker said which nodes the whole cluster has.</summary>
    public void Nodes(IReadOnlyCollection<int> nodeIds) => listeners.Seen(nodeIds, Environment.TickCount64);

#pragma warning disable CA1822 // Today they map to themselves for every connection; they are members because each connection will have its own mapping.
    /// <summary>The node id a client is told.</summary>
    public int Node(int upstream) => upstream;

    /// <summary>The cluster id a client is told.</summary>
    public string? Cluster(string? upstream) => upstream;

    /// <summary>The topic id a client is told.</summary>
    public Guid Topic(Guid upstream) => upstream;

    /// <summary>The leader epoch a client is told.</summary>
    public int LeaderEpoch(int upstream) => upstream;

    /// <summary>The producer id a client is told.</summary>
    public long Producer(long upstream) => upstream;
#pragma warning restore CA1822
}
