using System.Net.Sockets;

namespace Switchback.LocalKubernetes.Network;

/// <summary>
/// Claims a name among all platforms of this machine by binding an abstract socket: exclusive, without a file,
/// and gone with the process however it ends.
/// </summary>
internal sealed class MachineClaim : IDisposable
{
    private readonly Socket _socket;

    private MachineClaim(Socket socket) => _socket = socket;

    /// <summary>Claims the name, or answers null where another process has it.</summary>
    public static MachineClaim? Try(string name)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint("\0switchback/" + name));
            return new MachineClaim(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();
}
