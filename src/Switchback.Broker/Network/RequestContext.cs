namespace Switchback.Broker.Network;

/// <summary>One request on its way through a handler.</summary>
internal sealed class RequestContext(ConnectionSession session, short version, string? clientId, Response response, CancellationToken stopping)
{
    public ConnectionSession Session { get; } = session;

    public BrokerNode Broker => Session.Broker;

    public short Version { get; } = version;

    public string ClientId { get; } = clientId ?? "";

    /// <summary>What the answer will be sent from.</summary>
    public Response Response { get; } = response;

    /// <summary>Ends when the connection or the broker does.</summary>
    public CancellationToken Stopping { get; } = stopping;
}
