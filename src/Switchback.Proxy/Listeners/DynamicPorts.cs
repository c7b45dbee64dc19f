using System.Net;
using System.Net.Sockets;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Listeners;

/// <summary>Chooses ports of dynamic listeners: the system's choice, one after the other from a minimum, or by the broker's id.</summary>
internal sealed class DynamicPorts(DynamicListenerSettings settings)
{
    private int _next;

    /// <summary>How many ports there are from the first, the wrap-around included.</summary>
    private int Span => settings.Ports > 0 ? settings.Ports : 65536 - settings.FirstPort;

    /// <summary>Opens a listener on the next port that is free. Throws <see cref="SocketException"/> when none is.</summary>
    public LocalListener Open(int nodeId, HostPort broker, Func<HostPort, HostPort> advertised)
    {
        if (settings.FirstPort == 0)
        {
            return OpenPort(0, broker, advertised);
        }

        if (settings.Deterministic)
        {
            return OpenPort(settings.FirstPort + (Math.Max(nodeId, 0) % Span), broker, advertised);
        }

        for (var tried = 1; ; tried++)
        {
            var port = settings.FirstPort + (_next++ % Span);
            try
            {
                return OpenPort(port, broker, advertised);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && tried < Span)
            {
                continue;
            }
        }
    }

    /// <summary>Opens a listener on the port that a broker had before; null when it is taken.</summary>
    public LocalListener? TryOpen(int port, HostPort broker, Func<HostPort, HostPort> advertised)
    {
        try
        {
            return OpenPort(port, broker, advertised);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private LocalListener OpenPort(int port, HostPort broker, Func<HostPort, HostPort> advertised) =>
        LocalListener.Open(new IPEndPoint(settings.Listen, port), broker, advertised, isBootstrap: false);
}
