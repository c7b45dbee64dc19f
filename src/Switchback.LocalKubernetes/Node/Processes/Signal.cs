using System.Runtime.InteropServices;

namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>The two signals a node sends, and the system call that sends them (the framework offers SIGKILL only).</summary>
internal static class Signal
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal; a process that has ended meanwhile is not an error.</summary>
    public static void Send(int processId, int signal)
    {
        if (processId > 1)
        {
            _ = SendSignal(processId, signal);
        }
    }

    /// <summary>Sends a signal to every process of a group.</summary>
    public static void SendToGroup(int groupId, int signal)
    {
        if (groupId > 1)
        {
            _ = SendSignal(-groupId, signal);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}
