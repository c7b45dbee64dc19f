using System.Runtime.InteropServices;

namespace Switchback.Drills.Running.Faults;

/// <summary>
/// A full disk for one process, without a disk of its own and without rights: its limit on the size of files (RLIMIT_FSIZE) becomes 0, so that every
/// write to a file fails, as on a disk without room, with EFBIG for ENOSPC.
/// </summary>
internal static partial class FileSizeLimit
{
    private const int FileSize = 1;
    private const int SignalOfFileSize = 25;

    /// <summary>Lets the processes we start be told by an error, not ended by the signal SIGXFSZ; what is ignored here is ignored by them.</summary>
    public static void LetChildrenSurvive() => _ = Handle(SignalOfFileSize, 1);

    public static void Forbid(int process) => Set(process, 0);

    public static void Allow(int process) => Set(process, null);

    private static void Set(int process, ulong? size)
    {
        if (Change(process, FileSize, 0, out var old) != 0
            || Change(process, FileSize, new Limits { Soft = size ?? old.Hard, Hard = old.Hard }, 0) != 0)
        {
            throw new DrillException($"the size of files of process {process} cannot be limited: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int Change(int process, int resource, nint none, out Limits old);

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int Change(int process, int resource, in Limits limits, nint none);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Handle(int signal, nint handler);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }
}
