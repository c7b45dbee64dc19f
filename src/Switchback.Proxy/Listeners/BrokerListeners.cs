using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Listeners;

/// <summary>
/// Which local address stands for which broker. A mapped broker has its configured address; any other gets a listener of its own when an address of it is
/// first met in a response. A broker that moves to another host keeps its listener, mapped or not; the listener of one that has gone is closed, and
/// opened on the same port when it is back.
/// </summary>
internal sealed class BrokerListeners(ProxySettings settings, Action<Socket, LocalListener> accepted, ILogger log) : IDisposable
{
    /// <summary>How long a broker may be missing from the cluster before its listener is closed: longer than most restarts.</summary>
    public static readonly TimeSpan AbsencePatience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<LocalListener> _listeners = [];
    private readonly Dictionary<HostPort, LocalListener> _mapped = [];
    private readonly Dictionary<int, LocalListener> _byNode = [];
    private readonly Dictionary<int, long> _missingSince = [];
    private readonly Dictionary<int, int> _lastPorts = [];
    private readonly DynamicPorts _ports = new(settings.Dynamic);
    private bool _closed;

    /// <summary>Addresses of brokers that were met, the configured ones first.</summary>
    public IReadOnlyList<HostPort> KnownBrokers
    {
        get
        {
            lock (_lock)
            {
                return [.. settings.Bootstrap.SelectMany(mapping => mapping.Remotes).Concat(_byNode.Values.Select(listener => listener.Broker)).Distinct()];
            }
        }
    }

    public IReadOnlyList<LocalListener> Listeners
    {
        get
        {
            lock (_lock)
            {
                return [.. _listeners];
            }
        }
    }

    /// <summary>Opens the mapped listeners. Throws <see cref="ProxyStartException"/> naming the address that cannot be listened on.</summary>
    public void OpenMapped()
    {
        foreach (var mapping in settings.Bootstrap)
        {
            try
            {
                var end = new IPEndPoint(AddressOf(mapping.Listen.Host), mapping.Listen.Port);
                var listener = LocalListener.Open(
                    end, mapping.Remotes[0], actual => mapping.Advertised.Port == 0 ? mapping.Advertised with { Port = actual.Port } : mapping.Advertised, isBootstrap: true);
                _mapped[mapping.Remotes[0]] = listener;
                Serve(listener);
            }
            catch (SocketException refused)
            {
                throw new ProxyStartException($"cannot listen on {mapping.Listen}: {refused.Message}", refused);
            }
        }
    }

    /// <summary>
    /// The address a client is told in place of a broker's. Throws <see cref="UnmappedBrokerException"/> when it has none and may not get one.
    /// A negative <paramref name="nodeId"/> stands for an unknown one.
    /// </summary>
    public HostPort Resolve(int nodeId, HostPort broker)
    {
        if (settings.External.TryGetValue(broker, out var external))
        {
            return external;
        }

        lock (_lock)
        {
            return (nodeId >= 0 ? OfNode(nodeId, broker) : OfAddress(broker)).Advertised;
        }
    }

    /// <summary>
    /// The cluster as a whole consists of these brokers now. Dynamic listeners of others are closed once they have been missing for <see cref="AbsencePatience"/>;
    /// connections that were accepted on them go on until they end.
    /// </summary>
    /// <param name="nodeIds">Every broker of the cluster.</param>
    /// <param name="now">Milliseconds, <see cref="Environment.TickCount64"/>.</param>
    public void Seen(IReadOnlyCollection<int> nodeIds, long now)
    {
        if (nodeIds.Count == 0)
        {
            // A broker that has just started knows nobody yet.
            return;
        }

        lock (_lock)
        {
            foreach (var nodeId in nodeIds)
            {
                _missingSince.Remove(nodeId);
            }

            List<int> missing = [.. _byNode.Where(known => !known.Value.IsBootstrap && !nodeIds.Contains(known.Key)).Select(known => known.Key)];
            foreach (var nodeId in missing)
            {
                if (!_missingSince.TryAdd(nodeId, now) && now - _missingSince[nodeId] >= AbsencePatience.TotalMilliseconds)
                {
                    Close(nodeId);
                }
            }
        }
    }

    /// <summary>Opens a broker's listener ahead of the first client that asks for it; a failure is logged.</summary>
    public void TryOpenFor(int nodeId, HostPort broker)
    {
        try
        {
            Resolve(nodeId, broker);
        }
        catch (UnmappedBrokerException failed)
        {
            log.NoListener(failed.Message);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _listeners.ForEach(listener => listener.Dispose());
        }
    }

    /// <summary>A node keeps the listener it has. One that is met first takes the mapped listener of its address, unless another node has moved away with it.</summary>
    private LocalListener OfNode(int nodeId, HostPort broker)
    {
        if (_byNode.TryGetValue(nodeId, out var known))
        {
            if (known.Broker != broker)
            {
                known.Broker = broker;
                log.BrokerMoved(nodeId, broker, known.Advertised);
            }

            return known;
        }

        if (!_mapped.TryGetValue(broker, out var mapped) || mapped.Broker != broker)
        {
            return OpenDynamic(nodeId, broker);
        }

        // Another node that was known there has been replaced by this one.
        foreach (var (replaced, _) in _byNode.Where(other => other.Value == mapped).ToList())
        {
            _byNode.Remove(replaced);
        }

        _byNode[nodeId] = mapped;
        return mapped;
    }

    private LocalListener OfAddress(HostPort broker) =>
        _listeners.Find(listener => listener.Broker == broker) ?? _mapped.GetValueOrDefault(broker) ?? OpenDynamic(-1, broker);

    private void Close(int nodeId)
    {
        if (_byNode.Remove(nodeId, out var listener))
        {
            _missingSince.Remove(nodeId);
            _lastPorts[nodeId] = listener.Listen.Port;
            _listeners.Remove(listener);
            listener.Dispose();
            log.BrokerGone(nodeId, listener.Broker, listener.Listen);
        }
    }

    private LocalListener OpenDynamic(int nodeId, HostPort broker)
    {
        if (!settings.Dynamic.Enabled)
        {
            throw new UnmappedBrokerException($"broker {nodeId} at {broker} has no mapping, and dynamic listeners are disabled");
        }

        if (_closed)
        {
            throw new UnmappedBrokerException("the proxy is ending");
        }

        try
        {
            HostPort Advertised(HostPort listen) => AdvertisedName.Of(settings.Dynamic, settings.Bootstrap[0].Advertised, nodeId, listen);
            var listener = (_lastPorts.TryGetValue(nodeId, out var port) ? _ports.TryOpen(port, broker, Advertised) : null) ?? _ports.Open(nodeId, broker, Advertised);
            if (nodeId >= 0)
            {
                _byNode[nodeId] = listener;
            }

            Serve(listener);
            return listener;
        }
        catch (SocketException refused)
        {
            throw new UnmappedBrokerException($"no listener can be opened for broker {nodeId} at {broker}: {refused.Message}", refused);
        }
    }

    private void Serve(LocalListener listener)
    {
        _listeners.Add(listener);
        log.Listening(listener.Listen, listener.Broker, listener.Advertised);
        _ = listener.AcceptAsync(accepted, log);
    }

    private static IPAddress AddressOf(string host) => host switch
    {
        "" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(host, out var address) => address,
        _ => Dns.GetHostAddresses(host).FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)
            ?? throw new SocketException((int)SocketError.HostNotFound),
    };
}

/// <summary>A response carries a broker's address that clients cannot be given another one for.</summary>
internal sealed class UnmappedBrokerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The proxy cannot start; the message says why in one line.</summary>
internal sealed class ProxyStartException(string message, Exception? inner = null) : Exception(message, inner);
