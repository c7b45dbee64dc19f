using System.Diagnostics;
using System.Globalization;
using System.Text;
using Switchback.LocalKubernetes.Node.Logs;

namespace Switchback.LocalKubernetes.Node.Processes;

/// <summary>One run of a container's program: started once, its output drained into a log, its end reported once with nothing left behind.</summary>
internal sealed class ContainerProcess
{
    private static readonly TimeSpan StragglerWait = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly ContainerLaunch _launch;
    private readonly int _id;
    private readonly StreamWriter _input;
    private int _closed;
    private readonly TaskCompletionSource<string?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ContainerProcess(ContainerLaunch launch, Process process, ContainerLog log)
    {
        _launch = launch;
        _process = process;

        // Kept apart from the process, which is disposed of the moment it has ended.
        _id = process.Id;
        _input = process.StandardInput;
        Log = log;
        StartedAt = DateTimeOffset.UtcNow;
        Ended = RunAsync();
    }

    public ContainerLog Log { get; }

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>Completes when the program was executed, with null; or with the reason why it could not be.</summary>
    public Task<string?> Started => _started.Task;

    /// <summary>The exit code (128 + signal where it was killed), once the process has ended and all it wrote is in the log.</summary>
    public Task<int> Ended { get; }

    public bool HasEnded => Ended.IsCompleted;

    /// <summary>Starts the launch.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refuses another process.</exception>
    public static ContainerProcess Start(ContainerLaunch launch, ContainerLog log)
    {
        var script = LaunchScript.Write(launch);
        return new ContainerProcess(launch, ChildProcess.Start(["/bin/sh", script, .. launch.Command], launch.Environment), log);
    }

    /// <summary>Sends a signal to the program itself (process 1 of its namespace, or the head of its group), once it is executed.</summary>
    /// <param name="signal">Which.</param>
    /// <param name="enough">Ends the wait for a program that is not executed.</param>
    public async Task SignalAsync(int signal, Task enough)
    {
        await Task.WhenAny(_started.Task, Ended, enough);
        if (!HasEnded && ProgramId() is { } id)
        {
            Signal.Send(id, signal);
        }
    }

    /// <summary>Ends everything of the container at once.</summary>
    public void Kill()
    {
        if (!HasEnded)
        {
            // The watcher does the rest: it is killed with the group, or at the end of the pipe.
            Signal.SendToGroup(_id, Signal.Kill);
            CloseInput();
        }
    }

    /// <summary>Runs a command inside the container: same namespaces, root, directory and environment. Ends with the platform as the container does.</summary>
    public Process Execute(IReadOnlyList<string> command)
    {
        IReadOnlyList<string> inside = _launch.SandboxProcessId is null
            ? [.. command.Select(_launch.Localize)]
            : [SystemTools.Path("nsenter"), "-t", ProgramId()?.ToString(CultureInfo.InvariantCulture) ?? "0", "--mount", "--net", "--uts", "--pid", "--root", "--wd", "--", .. _launch.Privileges?.Command() ?? [], .. command];
        var launch = _launch with { Directory = Path.Combine(_launch.Directory, "exec"), SandboxProcessId = null, IsCommand = true, WorkingDirectory = _launch.SandboxProcessId is null ? _launch.WorkingDirectory : null };
        return ChildProcess.Start(["/bin/sh", LaunchScript.Write(launch), .. inside], launch.Environment);
    }

    private int? ProgramId()
    {
        if (_launch.SandboxProcessId is null)
        {
            return _id;
        }

        try
        {
            var children = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_id}/task/{_id}/children"));
            return children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture))
                .Where(IsFirstOfItsNamespace).Cast<int?>().FirstOrDefault();
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The watcher is a child of the same process; only the program is number 1 somewhere.</summary>
    private static bool IsFirstOfItsNamespace(int id)
    {
        try
        {
            return File.ReadLines($"/proc/{id}/status").Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.EndsWith("\t1", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<int> RunAsync()
    {
        var output = Task.Run(() => DrainAsync(_process.StandardOutput.BaseStream, "stdout", marked: false));
        var error = Task.Run(() => DrainAsync(_process.StandardError.BaseStream, "stderr", marked: true));
        await _process.WaitForExitAsync();

        // The watcher sees the end of its pipe and kills what the program left running; then the pipes end for us too.
        CloseInput();
        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(StragglerWait));
        _started.TrySetResult("the launcher ended before the program was executed");
        Log.Complete();
        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }

    /// <summary>Once, whoever comes first: the end of a program and the order to kill it meet.</summary>
    private void CloseInput()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _input.Close();
        }
    }

    private async Task DrainAsync(Stream stream, string name, bool marked)
    {
        var buffer = new byte[16 * 1024];
        var head = new MemoryStream();
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                if (!marked)
                {
                    Log.Append(name, buffer.AsSpan(0, read));
                    continue;
                }

                // The first line of standard error is the launcher's own; what the program writes follows it, maybe in the same read.
                head.Write(buffer, 0, read);
                var bytes = head.ToArray();
                if (bytes[0] == 0 && Array.IndexOf(bytes, (byte)'\n') is var end and < 0)
                {
                    continue;
                }

                marked = false;
                var rest = bytes[0] == 0 ? TakeMark(bytes) : bytes;
                if (rest.Length > 0)
                {
                    Log.Append(name, rest);
                }
            }
        }
        catch (IOException)
        {
            // A pipe that breaks is at its end.
        }
        catch (ObjectDisposedException)
        {
            // Given up after the wait for stragglers.
        }
        finally
        {
            Log.EndOfStream(name);
        }
    }

    private byte[] TakeMark(byte[] bytes)
    {
        var end = Array.IndexOf(bytes, (byte)'\n');
        var line = Encoding.UTF8.GetString(bytes, 0, end + 1);
        StartedAt = DateTimeOffset.UtcNow;
        _started.TrySetResult(line.StartsWith(LaunchScript.FailedMark, StringComparison.Ordinal) ? line[LaunchScript.FailedMark.Length..].TrimEnd() : null);
        return bytes[(end + 1)..];
    }
}
