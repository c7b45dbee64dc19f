using System.Net;
using System.Net.Sockets;

namespace Switchback.Testing;

/// <summary>
/// Ports of loopback for what tests start. Below the range the system gives to outgoing connections, so that none of these can take one between the choice and the start.
/// </summary>
public static class Ports
{
    private const int First = 10_000;
    private const int End = 30_000;

    /// <summary>One free port.</summary>
    public static int Free() => Free([0]);

    /// <summary>A port that is free and whose neighbours at <paramref name="offsets"/> are free too.</summary>
    public static int Free(IReadOnlyCollection<int> offsets)
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End - offsets.Max());
            if (offsets.All(offset => IsFree(port + offset)))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
