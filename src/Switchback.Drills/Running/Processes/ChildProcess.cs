using System.ComponentModel;
using System.Diagnostics;

namespace Switchback.Drills.Running.Processes;

/// <summary>
/// A part of the drill: a process that ends with us, however we end, because we hold the other end of its standard input.
/// Its standard error goes to a file; the first line <c>ready: ..</c> on its standard output says that it serves.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const string ReadyPrefix = "ready: ";
    private const int LinesOfErrorShown = 8;

    private readonly Process _process;
    private readonly string _log;
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _output;
    private readonly Task _errors;
    private bool _disposed;

    private ChildProcess(string name, Process process, string log)
    {
        Name = name;
        _process = process;
        _log = log;
        _output = ReadOutputAsync();
        _errors = CopyErrorsAsync();
    }

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _disposed || _process.HasExited;

    /// <summary>Starts the program and waits for its ready line.</summary>
    /// <returns>The process, and what it wrote behind <c>ready: </c>.</returns>
    /// <exception cref="DrillException">When it cannot be started, ends early, or is not ready in time; with the last lines of its log.</exception>
    public static async Task<(ChildProcess Process, string Ready)> StartAsync(
        string name, IReadOnlyList<string> command, string log, TimeSpan within, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[DrillParts.LifelineVariable] = "stdin";
        // A killed process would leave its diagnostic pipes in the temporary folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";

        // Small heaps beat the last percent of speed: a drill is eight processes on a laptop.
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredCompilation"] = "1";

        ChildProcess child;
        try
        {
            child = new ChildProcess(name, Process.Start(start) ?? throw new DrillException($"{name} did not start"), log);
        }
        catch (Win32Exception error)
        {
            throw new DrillException($"{name}: {command[0]} cannot be started: {error.Message}");
        }

        try
        {
            return (child, await child._ready.Task.WaitAsync(within, cancellation));
        }
        catch (TimeoutException)
        {
            await child.DisposeAsync();
            throw new DrillException($"{name} was not ready within {within.TotalSeconds:0} s{child.LastErrors()}");
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it as a crash does: SIGKILL, and nothing is asked or flushed.</summary>
    public async Task CrashAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                await CrashAsync();
            }
        }

        await Task.WhenAll(_output, _errors);
        _process.Dispose();
    }

    private async Task ReadOutputAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(ReadyPrefix, StringComparison.Ordinal))
            {
                _ready.TrySetResult(line[ReadyPrefix.Length..]);
            }
        }

        await _process.WaitForExitAsync();
        await _errors;
        _ready.TrySetException(new DrillException($"{Name} ended with exit code {_process.ExitCode} before it was ready{LastErrors()}"));
    }

    private async Task CopyErrorsAsync()
    {
        await Task.Yield();
        await using var file = new StreamWriter(new FileStream(_log, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            await file.WriteLineAsync(line);
        }
    }

    private string LastErrors()
    {
        using var file = new StreamReader(new FileStream(_log, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
        var last = file.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LinesOfErrorShown);
        return string.Concat(last.Select(line => $"{Environment.NewLine}  {Name}: {line}"));
    }
}
