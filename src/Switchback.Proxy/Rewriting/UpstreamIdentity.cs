using Switchback.Proxy.Listeners;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Rewriting;

/// <summary>
/// Who is who upstream, as the client of one connection sees it: the one place where node ids, cluster id, topic ids, leader epochs and producer ids would be
/// mapped, and where a broker's address becomes a local one. Today everything but addresses is itself.
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
}
