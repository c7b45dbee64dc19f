using System.Net.Sockets;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>A connection to a broker, encrypted and authenticated as configured, on which nothing else has been sent yet.</summary>
internal sealed class UpstreamConnection(HostPort broker, Socket socket, Stream stream) : IDisposable
{
    public HostPort Broker => broker;

    public Socket Socket => socket;

    public Stream Stream => stream;

    /// <summary>When to authenticate again (<see cref="Environment.TickCount64"/>); <see cref="long.MaxValue"/> for a session without end (KIP-368).</summary>
    public long AuthenticateAgainAt { get; set; } = long.MaxValue;

    public void Dispose()
    {
        stream.Dispose();
        socket.Dispose();
    }
}
