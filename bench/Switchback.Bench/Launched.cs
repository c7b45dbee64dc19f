using System.Diagnostics;

namespace Switchback.Bench;

/// <summary>A process under measurement, that ends with us.</summary>
internal sealed class Launched : IAsyncDisposable
{
    private const int ErrorLines = 20;
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Queue<string> _errors = new();

    private Launched(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>The last lines of its standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join(" | ", _errors);
            }
        }
    }

    public static Launched Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["SWITCHBACK_LIFELINE"] = "stdin";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var launched = new Launched(Process.Start(start)!);
        launched._process.ErrorDataReceived += (_, line) => launched.Keep(line.Data);
        launched._process.BeginErrorReadLine();
        return launched;
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

    /// <summary>Every line of its output, until it closes it.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(CancellationToken cancellation)
    {
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            lines.Add(line);
        }

        return lines;
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

    /// <summary>Ends it: by the end of its standard input, which is its lifeline, and where that is not followed by force.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(EndPatience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > ErrorLines)
            {
                _errors.Dequeue();
            }
        }
    }
}
