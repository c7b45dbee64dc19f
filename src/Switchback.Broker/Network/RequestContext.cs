using System.Buffers;

namespace Switchback.Broker.Network;

/// <summary>One request on its way through a handler.</summary>
internal sealed class RequestContext(ConnectionSession session, short version, string? clientId, CancellationToken stopping) : IDisposable
{
    private List<byte[]>? _rented;

    public ConnectionSession Session { get; } = session;

    public BrokerNode Broker => Session.Broker;

    public short Version { get; } = version;

    public string ClientId { get; } = clientId ?? "";

    /// <summary>Ends when the connection or the broker does.</summary>
    public CancellationToken Stopping { get; } = stopping;

    /// <summary>Memory that lives until the response is sent.</summary>
    public Memory<byte> Rent(int length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        (_rented ??= []).Add(buffer);
        return buffer.AsMemory(0, length);
    }

    public void Dispose()
    {
        if (_rented is null)
            return;
        foreach (var buffer in _rented)
            ArrayPool<byte>.Shared.Return(buffer);
        _rented = null;
    }
}
