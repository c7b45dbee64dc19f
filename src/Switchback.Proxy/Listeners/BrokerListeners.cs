using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Listeners;

/// <summary>
/// Which local address stands for which broker. A mapped broker has its configured address; any other gets a listener of its own when an address of it is
/// first met in a response, and keeps that port when it moves to another host.
/// </summary>
internal sealed class BrokerListeners(ProxySettings settings, Action<Socket, LocalListener> accepted, ILogger log) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<LocalListener> _listeners = [];
    private readonly Dictionary<HostPort, HostPort> _mapped = [];
    private readonly Dictionary<int, LocalListener> _byNode = [];
    private readonly Dictionary<HostPort, LocalListener> _byAddress = [];
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
        foreach (var (broker, advertised) in settings.External)
        {
            _mapped[broker] = advertised;
        }

        foreach (var mapping in settings.Bootstrap)
        {
            try
            {
                var end = new IPEndPoint(AddressOf(mapping.Listen.Host), mapping.Listen.Port);
                var listener = LocalListener.Open(
                    end, mapping.Remotes[0], actual => mapping.Advertised.Port == 0 ? mapping.Advertised with { Port = actual.Port } : mapping.Advertised, isBootstrap: true);
                _mapped[mapping.Remotes[0]] = listener.Advertised;
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
        lock (_lock)
        {
            if (_mapped.TryGetValue(broker, out var advertised))
            {
                return advertised;
            }

            var known = nodeId >= 0 ? _byNode.GetValueOrDefault(nodeId) : _byAddress.GetValueOrDefault(broker);
            if (known is not null)
            {
                if (known.Broker != broker)
                {
                    known.Broker = broker;
                    log.BrokerMoved(nodeId, broker, known.Advertised);
                }

                return known.Advertised;
            }

            return OpenDynamic(nodeId, broker).Advertised;
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
            var listener = _ports.Open(nodeId, broker, listen => AdvertisedName.Of(settings.Dynamic, settings.Bootstrap[0].Advertised, nodeId, listen));
            if (nodeId >= 0)
            {
                _byNode[nodeId] = listener;
            }
            else
            {
                _byAddress[broker] = listener;
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
