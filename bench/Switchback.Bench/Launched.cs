using System.Diagnostics;

namespace Switchback.Bench;

/// <summary>A process under measurement, that ends with us.</summary>
internal sealed class Launched : IAsyncDisposable
{
    private readonly Process _process;

    private Launched(Process process) => _process = process;

    public int Id => _process.Id;

    public static Launched Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["SWITCHBACK_LIFELINE"] = "stdin";
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return new Launched(process);
    }

    /// <summary>Waits for a line that begins so; false when the process ends before.</summary>
    public async Task<bool> LineAsync(string prefix, CancellationToken cancellation)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads what is left of its output, until it ends.</summary>
    public async Task<int> EndAsync(CancellationToken cancellation)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellation) is not null)
        {
        }

        await _process.WaitForExitAsync(cancellation);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
