using System.Diagnostics;

namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>Starts a program in a session of its own, with all three standard streams on pipes and exactly the given environment.</summary>
internal static class ChildProcess
{
    public static Process Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment)
    {
        // A session of its own: Ctrl-C on the platform's terminal is the platform's to handle, and the group is ours to kill.
        var start = new ProcessStartInfo(SystemTools.Path("setsid"), command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"The system started no process for {command[0]}.");
    }
}
