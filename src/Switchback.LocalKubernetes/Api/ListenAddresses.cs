using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Switchback.LocalKubernetes.Api;

/// <summary>Chooses the port of the API server: the same on each of its addresses, and the same as last time where that is possible.</summary>
internal static class ListenAddresses
{
    private const int Attempts = 20;

    /// <param name="listen">What the user wants.</param>
    /// <param name="node">The node's address, by which pods reach the server.</param>
    /// <param name="memory">The file that keeps the port of the last run.</param>
    /// <exception cref="LocalPlatformException">The wished port is taken.</exception>
    public static IReadOnlyList<IPEndPoint> Choose(IPEndPoint listen, IPAddress node, string memory)
    {
        IPAddress[] addresses = [.. new[] { listen.Address, node }.Distinct()];
        if (listen.Port != 0)
        {
            return IsFree(addresses, listen.Port)
                ? At(addresses, listen.Port)
                : throw new LocalPlatformException($"{listen} is taken: choose another port with --listen");
        }

        if (File.Exists(memory) && int.TryParse(File.ReadAllText(memory), out var last) && last is > 0 and < 65536 && IsFree(addresses, last))
        {
            return At(addresses, last);
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            using var probe = new Socket(addresses[0].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(addresses[0], 0));
            var port = ((IPEndPoint)probe.LocalEndPoint!).Port;
            if (IsFree(addresses[1..], port))
            {
                File.WriteAllText(memory, port.ToString(CultureInfo.InvariantCulture));
                return At(addresses, port);
            }
        }

        throw new LocalPlatformException($"no port is free on {string.Join(" and ", addresses.Select(address => address.ToString()))}");
    }

    private static IPEndPoint[] At(IEnumerable<IPAddress> addresses, int port) => [.. addresses.Select(address => new IPEndPoint(address, port))];

    private static bool IsFree(IEnumerable<IPAddress> addresses, int port)
    {
        try
        {
            foreach (var address in addresses)
            {
                using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                probe.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                probe.Bind(new IPEndPoint(address, port));
                probe.Listen();
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
