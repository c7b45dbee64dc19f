using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Switchback.Proxy.Relay;

/// <summary>
/// A pipe of the kernel that bytes go through on their way from one socket to another by <c>splice(2)</c>: they are handed on as pages and never copied to us.
/// Pipes are kept for the next one who needs one, because making one takes two file descriptors and three calls.
/// </summary>
internal sealed partial class SplicePipe : IDisposable
{
    /// <summary>How many bytes a pipe takes at most; so much of one connection can rest in it.</summary>
    public const int Capacity = 512 * 1024;

    private const int MostKept = 64;
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int SetPipeSize = 1031;
    private const uint SpliceMove = 1;
    private const uint SpliceNonBlocking = 2;
    private const int NotPermitted = 1;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const int Invalid = 22;
    private const int NotImplemented = 38;
    private const int NotSupported = 95;

    private static readonly ConcurrentBag<SplicePipe> Kept = [];
    private static volatile bool s_refused;

    private readonly SafeFileHandle _end;
    private readonly SafeFileHandle _begin;

    private SplicePipe(SafeFileHandle end, SafeFileHandle begin)
    {
        _end = end;
        _begin = begin;
    }

    /// <summary>What <see cref="Fill"/> and <see cref="Empty"/> answer where there is no splicing: another system, or a sandbox that forbids it. From then on there are no pipes.</summary>
    public const int Refused = -2;

    /// <summary>Null when the process may open no more files, and where there is no splicing: then bytes are copied.</summary>
    public static unsafe SplicePipe? TryRent()
    {
        if (s_refused || !OperatingSystem.IsLinux())
        {
            return null;
        }

        if (Kept.TryTake(out var kept))
        {
            return kept;
        }

        var ends = stackalloc int[2];
        if (Pipe2(ends, CloseOnExec | NonBlocking) != 0)
        {
            return null;
        }

        var pipe = new SplicePipe(new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));

        // A user without privileges may have his pipes' sizes limited: then it stays as it is.
        _ = Fcntl(pipe._begin, SetPipeSize, Capacity);
        return pipe;
    }

    /// <summary>Gives an empty pipe back.</summary>
    public static void Return(SplicePipe pipe)
    {
        if (Kept.Count < MostKept)
        {
            Kept.Add(pipe);
        }
        else
        {
            pipe.Dispose();
        }
    }

    /// <summary>Takes what the socket has, up to a count: 0 at its end, -1 when it has nothing now, or <see cref="Refused"/>. The pipe must be empty. Throws <see cref="IOException"/>.</summary>
    public int Fill(Socket source, int count) => Spliced(Splice(source.SafeHandle, 0, _begin, 0, (nuint)Math.Min(count, Capacity), SpliceMove | SpliceNonBlocking));

    /// <summary>Gives what is inside to the socket: -1 when that takes nothing now, or <see cref="Refused"/>. Throws <see cref="IOException"/>.</summary>
    public int Empty(Socket sink, int inside) => Spliced(Splice(_end, 0, sink.SafeHandle, 0, (nuint)inside, SpliceMove | SpliceNonBlocking));

    /// <summary>Copies bytes out.</summary>
    public unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            return Moved(Read(_end, first, (nuint)buffer.Length));
        }
    }

    public void Dispose()
    {
        _end.Dispose();
        _begin.Dispose();
    }

    private static int Spliced(nint result)
    {
        if (result >= 0 || Marshal.GetLastPInvokeError() is not (NotPermitted or Invalid or NotImplemented or NotSupported))
        {
            return Moved(result);
        }

        s_refused = true;
        return Refused;
    }

    private static int Moved(nint result)
    {
        if (result >= 0)
        {
            return (int)result;
        }

        var error = Marshal.GetLastPInvokeError();
        return error is TryAgain or Interrupted ? -1 : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fcntl(SafeFileHandle file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Splice(SafeHandle source, nint sourceOffset, SafeHandle sink, nint sinkOffset, nuint count, uint flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial nint Read(SafeFileHandle file, byte* buffer, nuint count);
}
