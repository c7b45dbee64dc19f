using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Switchback.Drills.Running.Faults;

/// <summary>Finds out whether a connection to us is a certain process's, by the kernel's tables: without rights for the user's own processes.</summary>
internal static class SocketOwner
{
    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <param name="peer">The connection's other end.</param>
    /// <param name="process">The process asked about.</param>
    public static bool Is(IPEndPoint peer, int process)
    {
        if (Inode(peer) is not { } inode)
        {
            return false;
        }

        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(descriptor => File.ResolveLinkTarget(descriptor, false)?.Name == $"socket:[{inode}]");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is another user's.
            return false;
        }
    }

    private static string? Inode(IPEndPoint peer)
    {
        var address = BinaryPrimitives.ReadUInt32LittleEndian(peer.Address.MapToIPv4().GetAddressBytes()).ToString("X8", CultureInfo.InvariantCulture);
        var local = $"{address}:{peer.Port:X4}";
        foreach (var table in Tables.Where(File.Exists))
        {
            foreach (var line in File.ReadLines(table).Skip(1))
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9 && fields[1].EndsWith(local, StringComparison.Ordinal))
                {
                    return fields[9];
                }
            }
        }

        return null;
    }
}
