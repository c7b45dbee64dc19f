using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Proxy.Listeners;
using Switchback.Proxy.Operations;
using Switchback.Proxy.Relay;
using Switchback.Proxy.Rewriting;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>The parts of a proxy between two streams, without sockets.</summary>
internal static class Rewriting
{
    public static UpstreamIdentity Identity(params (string Upstream, string Local)[] addresses)
    {
        var settings = ProxySettings.Read(
            TestProxy.Flags(["--bootstrap-server-mapping=unused:1,127.0.0.1:2", "--dynamic-listeners-disable", .. addresses.Select(pair => $"--external-server-mapping={pair.Upstream},{pair.Local}")]),
            _ => null,
            out var errors);
        Assert.Empty(errors);
        var listeners = new BrokerListeners(
            new ProxySettings
            {
                Bootstrap = [],
                External = settings!.External,
                DialInstead = settings.DialInstead,
                Dynamic = settings.Dynamic,
                ClientSockets = settings.ClientSockets,
                BrokerSockets = settings.BrokerSockets,
                ListenerTls = null,
                BrokerTls = null,
                Sasl = null,
                Relay = settings.Relay,
                Http = null,
                Log = settings.Log,
                QuietPeriod = default,
                GracePeriod = default,
                WithoutEffect = [],
            },
            (_, _) => throw new InvalidOperationException("nothing listens"),
            NullLogger.Instance);
        listeners.OpenMapped();
        return new UpstreamIdentity(listeners);
    }

    public static RelayContext Context(Stream upstream, UpstreamIdentity identity, InFlightRequests inFlight, params short[] forbidden) => new(
        "a client",
        new RelaySettings("proxy", 256, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, 64 << 20, forbidden.ToHashSet(), AcksZeroNeverUsed: false),
        new UpstreamConnection(new HostPort("upstream", 1), new Socket(SocketType.Stream, ProtocolType.Tcp), upstream),
        identity,
        inFlight,
        new BrokerMetrics(),
        new StallClock(),
        null,
        NullLogger.Instance);

    /// <summary>Runs a response, cut where the test says, through the pump; answers what the client got.</summary>
    public static async Task<byte[]> PumpResponseAsync(byte[] frame, IEnumerable<int> cuts, InFlightRequest request, UpstreamIdentity identity)
    {
        var inFlight = new InFlightRequests(256);
        Assert.True(inFlight.TryAdd(request));
        using var client = new MemoryStream();
        await new ResponsePump(Context(new CutStream(frame, cuts), identity, inFlight), client).RunAsync(CancellationToken.None);
        return client.ToArray();
    }
}
