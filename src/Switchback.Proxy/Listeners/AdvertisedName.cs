using System.Globalization;
using System.Net;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Listeners;

/// <summary>What clients are told about a dynamic listener.</summary>
internal static class AdvertisedName
{
    public static HostPort Of(DynamicListenerSettings settings, HostPort firstAdvertised, int nodeId, HostPort listen)
    {
        if (settings.AdvertisedHost is { } template)
        {
            var id = nodeId.ToString(CultureInfo.InvariantCulture);
            var host = template.Replace("{{.brokerId}}", id, StringComparison.Ordinal).Replace("{{ .brokerId }}", id, StringComparison.Ordinal);
            return new HostPort(host, settings.AdvertisedPort > 0 ? settings.AdvertisedPort : listen.Port);
        }

        if (!IsUnspecified(settings.Listen))
        {
            return new HostPort(settings.Listen.ToString(), listen.Port);
        }

        // Listening everywhere: a client that came by the bootstrap mapping's name reaches us by it. 0.0.0.0 is no address to connect to.
        var reachable = IPAddress.TryParse(firstAdvertised.Host, out var address) ? !IsUnspecified(address) : firstAdvertised.Host.Length > 0;
        return new HostPort(reachable ? firstAdvertised.Host : "127.0.0.1", listen.Port);
    }

    private static bool IsUnspecified(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
