using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Switchback.Broker.Network;

/// <content>
/// sendfile(2), which .NET has for whole files only. The socket does not block: .NET sets that before it reads from one, and no answer is sent before a
/// request was read.
/// </content>
internal sealed partial class ResponseSender
{
    // EINTR and EAGAIN of Linux.
    private const int Interrupted = 4;
    private const int TryAgain = 11;

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    private static partial nint SendFile(SafeSocketHandle socket, SafeFileHandle file, ref long offset, nint count);
}
