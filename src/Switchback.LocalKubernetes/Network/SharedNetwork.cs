using System.Net;
using System.Net.Sockets;

namespace Switchback.LocalKubernetes.Network;

/// <summary>
/// The host's own network for all pods, where namespaces are not to be had. Each port that a pod calls its own is replaced by one that is free;
/// ports are taken from below the range from which the system serves outgoing connections, and never given twice by this platform.
/// </summary>
internal sealed class SharedNetwork : INodeNetwork
{
    private const int First = 20000;
    private const int Last = 29999;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _taken = [];
    private int _next = First + Random.Shared.Next(Last - First);

    public string Mode => "shared";

    public IPAddress NodeAddress => IPAddress.Loopback;

    public Task<IPodNetwork> AttachAsync(PodNetworkRequest request, CancellationToken cancellation)
    {
        var ports = new Dictionary<int, int>();
        lock (_lock)
        {
            foreach (var port in request.Ports.Distinct())
            {
                ports[port] = Take();
            }
        }

        return Task.FromResult<IPodNetwork>(new Attachment(this, ports));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int Take()
    {
        for (var tried = 0; tried <= Last - First; tried++)
        {
            var port = _next;
            _next = port == Last ? First : port + 1;
            if (!_taken.Contains(port) && IsFree(port))
            {
                _taken.Add(port);
                return port;
            }
        }

        throw new NetworkException($"no free port between {First} and {Last}");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class Attachment(SharedNetwork network, Dictionary<int, int> ports) : IPodNetwork
    {
        public IPAddress Address => IPAddress.Loopback;

        public int? SandboxProcessId => null;

        public IReadOnlyDictionary<int, int> Ports => ports;

        public ValueTask DisposeAsync()
        {
            lock (network._lock)
            {
                network._taken.ExceptWith(ports.Values);
            }

            return ValueTask.CompletedTask;
        }
    }
}
