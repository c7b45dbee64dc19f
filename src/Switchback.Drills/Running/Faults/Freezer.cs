using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Switchback.Drills.Running.Faults;

/// <summary>
/// A process that was stopped by SIGSTOP. A guard wakes it when its input ends, which is when it is thawed or when the drill is gone, however that one
/// died: a stopped process could not end by itself.
/// </summary>
internal sealed partial class Freezer
{
    private const int Stop = 19;

    private readonly Process guard;

    private Freezer(Process guard) => this.guard = guard;

    /// <exception cref="DrillException">The process is gone, or another user's.</exception>
    public static Freezer Freeze(int process)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in new[] { "-c", "read _; kill -CONT \"$0\"", process.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        var guard = Process.Start(start) ?? throw new DrillException("/bin/sh did not start");
        Signal(process, Stop);
        return new Freezer(guard);
    }

    public async Task ThawAsync()
    {
        guard.StandardInput.Close();
        await guard.WaitForExitAsync();
        guard.Dispose();
    }

    /// <summary>Stops every one of the processes, as far as they are still there.</summary>
    public static void StopAll(IEnumerable<int> processes)
    {
        foreach (var process in processes)
        {
            _ = Kill(process, Stop);
        }
    }

    /// <summary>Kills every one of the processes, as far as they are still there.</summary>
    public static void KillAll(IEnumerable<int> processes)
    {
        foreach (var process in processes)
        {
            _ = Kill(process, 9);
        }
    }

    private static void Signal(int process, int signal)
    {
        if (Kill(process, signal) != 0)
        {
            throw new DrillException($"signal {signal} to process {process}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
