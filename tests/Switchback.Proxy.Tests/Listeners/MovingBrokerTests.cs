using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Tests.Harness;

namespace Switchback.Proxy.Tests.Listeners;

public sealed class MovingBrokerTests
{
    private static readonly long Patience = (long)BrokerListeners.AbsencePatience.TotalMilliseconds;

    private static BrokerListeners Open(params string[] mappings)
    {
        var settings = ProxySettings.Read(
            TestProxy.Flags([.. mappings.Select(mapping => $"--bootstrap-server-mapping={mapping},127.0.0.1:0"), "--default-listener-ip=127.0.0.1"]), _ => null, out var errors);
        Assert.Empty(errors);
        var listeners = new BrokerListeners(settings!, (socket, _) => socket.Dispose(), NullLogger.Instance);
        listeners.OpenMapped();
        return listeners;
    }

    private static HostPort At(string host) => new(host, 9092);

    private static HostPort BehindPort(BrokerListeners listeners, HostPort local) => listeners.Listeners.Single(listener => listener.Listen.Port == local.Port).Broker;

    [Fact]
    public void AMappedBrokerThatMovesKeepsItsMappedPort()
    {
        using var listeners = Open("a:9092");
        var mapped = listeners.Resolve(1, At("a"));
        Assert.Equal(mapped, listeners.Resolve(1, At("elsewhere")));
        Assert.Equal(At("elsewhere"), BehindPort(listeners, mapped));
        Assert.Single(listeners.Listeners);
    }

    [Fact]
    public void ABrokerThatReplacesAnotherAtAMappedAddressTakesItsPort()
    {
        using var listeners = Open("a:9092");
        var mapped = listeners.Resolve(1, At("a"));
        Assert.Equal(mapped, listeners.Resolve(4, At("a")));
        Assert.NotEqual(mapped, listeners.Resolve(1, At("b")));
    }

    [Fact]
    public void BrokersThatSwapHostsKeepTheirPorts()
    {
        using var listeners = Open("a:9092");
        var (first, second) = (listeners.Resolve(1, At("a")), listeners.Resolve(2, At("b")));
        Assert.Equal(first, listeners.Resolve(1, At("b")));
        Assert.Equal(second, listeners.Resolve(2, At("a")));
        Assert.Equal(At("b"), BehindPort(listeners, first));
        Assert.Equal(At("a"), BehindPort(listeners, second));
    }

    [Fact]
    public void TheListenerOfABrokerThatHasGoneIsClosedAndComesBackOnItsPort()
    {
        using var listeners = Open("a:9092");
        listeners.Resolve(1, At("a"));
        var local = listeners.Resolve(2, At("b"));
        listeners.Seen([1, 2], now: 0);
        listeners.Seen([1], now: 1000);
        listeners.Seen([1, 2], now: 2000);
        listeners.Seen([1], now: 3000);
        listeners.Seen([1], now: 3000 + Patience - 1);
        Assert.Equal(2, listeners.Listeners.Count);
        listeners.Seen([], now: 3000 + (2 * Patience));
        Assert.Equal(2, listeners.Listeners.Count);
        listeners.Seen([1], now: 3000 + (2 * Patience));
        Assert.Single(listeners.Listeners);
        Assert.DoesNotContain(At("b"), listeners.KnownBrokers);
        using (var refused = new TcpClient())
        {
            Assert.Throws<SocketException>(() => refused.Connect("127.0.0.1", local.Port));
        }

        Assert.Equal(local, listeners.Resolve(2, At("c")));

        // The mapped one is what clients begin with: it stays, whoever has gone.
        listeners.Seen([2], now: 0);
        listeners.Seen([2], now: Patience);
        Assert.Equal(2, listeners.Listeners.Count);
    }
}
