using Microsoft.Extensions.Logging;
using Switchback.Proxy.Operations;
using Switchback.Proxy.Rewriting;
using Switchback.Proxy.Settings;
using Switchback.Proxy.Upstream;

namespace Switchback.Proxy.Relay;

/// <summary>What the two directions of one connection share.</summary>
internal sealed record RelayContext(
    string Client, RelaySettings Settings, UpstreamConnection Upstream, UpstreamIdentity Identity, InFlightRequests InFlight, BrokerMetrics Metrics, StallClock Stalls, Credentials? Credentials, ILogger Log);
