using System.Net;
using System.Net.Sockets;

namespace Switchback.Drills.Running.Clusters;

/// <summary>
/// Ports that nobody listens on, below the range that the kernel gives to outgoing connections: a broker that is killed must find its own free when it returns.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Last = 31_999;

    public static int[] Find(IPAddress address, int count, Random random)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var start = random.Next(First, Last - count);
            var ports = Enumerable.Range(start, count).ToArray();
            if (ports.All(port => IsFree(address, port)))
            {
                return ports;
            }
        }

        throw new DrillException($"no {count} free ports in a row between {First} and {Last} on {address}");
    }

    private static bool IsFree(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
