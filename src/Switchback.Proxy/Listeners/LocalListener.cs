using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Listeners;

/// <summary>A local port that stands for one broker. The broker behind it may change while the port stays.</summary>
internal sealed class LocalListener : IDisposable
{
    private readonly Socket _socket;
    private volatile StrongBroker _broker;

    private LocalListener(Socket socket, HostPort broker, HostPort advertised, bool isBootstrap)
    {
        _socket = socket;
        _broker = new StrongBroker(broker);
        Advertised = advertised;
        IsBootstrap = isBootstrap;
        Listen = HostPortOf((IPEndPoint)socket.LocalEndPoint!);
    }

    /// <summary>The broker that connections accepted from now on go to.</summary>
    public HostPort Broker
    {
        get => _broker.Address;
        set => _broker = new StrongBroker(value);
    }

    public HostPort Listen { get; }

    /// <summary>What clients are told.</summary>
    public HostPort Advertised { get; }

    /// <summary>Whether clients begin here, so that any broker is better than none.</summary>
    public bool IsBootstrap { get; }

    /// <summary>Listens on an address; throws <see cref="SocketException"/> when it is taken.</summary>
    public static LocalListener Open(IPEndPoint listen, HostPort broker, Func<HostPort, HostPort> advertised, bool isBootstrap)
    {
        var socket = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (listen.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(listen);
            socket.Listen(1024);
            return new LocalListener(socket, broker, advertised(HostPortOf((IPEndPoint)socket.LocalEndPoint!)), isBootstrap);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Accepts until disposed; a connection that cannot be accepted never ends the loop.</summary>
    public async Task AcceptAsync(Action<Socket, LocalListener> accepted, ILogger log)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                accepted(await _socket.AcceptAsync().ConfigureAwait(false), this);
            }
            catch (Exception ended) when (ended is ObjectDisposedException || ended is SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.InvalidArgument })
            {
                return;
            }
            catch (SocketException failed)
            {
                // Out of file descriptors, for one: wait for some to come back.
                log.AcceptFailed(Listen, failed.Message);
                await pause.WaitForNextTickAsync().ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static HostPort HostPortOf(IPEndPoint end) => new(end.Address.ToString(), end.Port);

    private sealed record StrongBroker(HostPort Address);
}
