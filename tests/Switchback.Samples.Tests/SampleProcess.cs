using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Switchback.Samples.Tests;

/// <summary>A sample that runs; its lines are kept, and it ends with the test.</summary>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = [];
    private readonly ConcurrentQueue<string> _errors = [];

    public SampleProcess(string program, string argument, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public IReadOnlyCollection<string> Output => _output;

    public string Errors => string.Join('\n', _errors);

    public async Task<T> Until<T>(string what, Func<Task<T?>> found)
        where T : class
    {
        var deadline = Stopwatch.StartNew();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (deadline.Elapsed < Patience)
        {
            if (await found() is { } result)
            {
                return result;
            }

            if (!await pause.WaitForNextTickAsync(TestContext.Current.CancellationToken))
            {
                break;
            }
        }

        throw new TimeoutException($"no {what} within {Patience.TotalSeconds} s; stdout:\n{string.Join('\n', _output)}\nstderr:\n{Errors}");
    }

    public Task<string> Line(string what, Func<string, bool> matches) => Until(what, () => Task.FromResult(_output.FirstOrDefault(matches)));

    /// <summary>Where a producer that was given port 0 listens.</summary>
    public async Task<Uri> HttpAddress()
    {
        var line = await Line("ready line", l => l.StartsWith("ready: ", StringComparison.Ordinal));
        return new Uri(line["ready: ".Length..].Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
    }

    public void Terminate() => Assert.Equal(0, Kill(_process.Id, SigTerm));

    public async Task<int> Exit()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
