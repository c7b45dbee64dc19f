using System.Net.Sockets;

namespace Switchback.Proxy.Settings;

/// <summary>Options of one side's TCP sockets.</summary>
/// <param name="KeepAlive">Zero: off.</param>
/// <param name="ReceiveBuffer">Bytes; 0: the system's.</param>
/// <param name="SendBuffer">Bytes; 0: the system's.</param>
internal sealed record SocketSettings(TimeSpan KeepAlive, int ReceiveBuffer, int SendBuffer)
{
    public static SocketSettings Read(FlagValues values, string keepAlive, string receiveBuffer, string sendBuffer) =>
        new(values.Duration(keepAlive), values.Number(receiveBuffer, 0), values.Number(sendBuffer, 0));

    public void ApplyTo(Socket socket)
    {
        socket.NoDelay = true;
        if (KeepAlive > TimeSpan.Zero)
        {
            var seconds = (int)Math.Clamp(KeepAlive.TotalSeconds, 1, 32767);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, seconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, seconds);
        }

        if (ReceiveBuffer > 0)
        {
            socket.ReceiveBufferSize = ReceiveBuffer;
        }

        if (SendBuffer > 0)
        {
            socket.SendBufferSize = SendBuffer;
        }
    }
}
