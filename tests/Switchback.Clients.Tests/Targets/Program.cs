using System.Diagnostics;
using Switchback.Clients.Tests.Suites;

namespace Switchback.Clients.Tests.Targets;

/// <summary>A program that runs beside the test: its lines are read as they come, and it ends with the test however that ends.</summary>
internal sealed class Program : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly List<string> _errors = [];

    private Program(ProcessStartInfo start, Action<string>? output, Action<string>? errors)
    {
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(
            ReadAsync(_process.StandardOutput, line => output?.Invoke(line)),
            ReadAsync(_process.StandardError, line =>
            {
                lock (_errors)
                    _errors.Add(line);
                errors?.Invoke(line);
            }));
    }

    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>The last it said on standard error, for messages.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return string.Join('\n', _errors.TakeLast(15));
        }
    }

    /// <summary>Starts a foreign client. Should this process be killed, the client's input ends, and then its cluster.</summary>
    public static Program Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<string>? output = null, Action<string>? errors = null) =>
        new Program(Info(program, arguments, environment), output, errors);

    /// <summary>Starts the product and answers when it is ready, with what it wrote behind <c>ready: </c>.</summary>
    public static async Task<(Program Program, string Ready)> StartProductAsync(params string[] arguments)
    {
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var program = new Program(Info(Product(), arguments, new Dictionary<string, string> { ["SWITCHBACK_LIFELINE"] = "stdin" }), Line, null);
        await Eventually.HoldsAsync(() => ready.Task.IsCompleted || program.HasExited, $"switchback {arguments[0]} is ready");
        Assert.True(ready.Task.IsCompleted, $"switchback {arguments[0]} ended: {program.Errors}");
        return (program, await ready.Task);

        void Line(string line)
        {
            if (line.StartsWith("ready: ", StringComparison.Ordinal))
                ready.TrySetResult(line["ready: ".Length..]);
        }
    }

    /// <summary>The product's path, or the test is skipped.</summary>
    public static string Product()
    {
        var product = Path.Combine(Root, "artifacts", "app", "switchback");
        Assert.SkipUnless(File.Exists(product), "the program is not built: ./switchback builds it");
        return product;
    }

    /// <summary>Gives it a line on standard input; one that is gone takes none.</summary>
    public async Task GiveAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteAsync(line + "\n");
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It ended: its exit code says why.
        }
    }

    public void EndInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read what was left.
        }
    }

    /// <summary>Asks it to end, as a service manager does.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended and all it said has been read.</summary>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="said">What it said, for the message; its errors where there is nothing else.</param>
    public async Task WaitAsync(string what, Func<string>? said = null)
    {
        await Eventually.HoldsAsync(() => Task.FromResult(HasExited), $"{what} ends", () => Task.FromResult(said?.Invoke() ?? Errors), ClientAtWork.Patience);
        await _reading;
    }

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
            await KillAsync();
        await _reading;
        _process.Dispose();
    }

    private static ProcessStartInfo Info(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return start;
    }

    private static async Task ReadAsync(StreamReader from, Action<string> use)
    {
        while (await from.ReadLineAsync() is { } line)
            use(line);
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Switchback.slnx")))
            directory = directory.Parent ?? throw new DirectoryNotFoundException("the repository's root is above the tests");
        return directory.FullName;
    }
}
