using System.Diagnostics;
using System.Globalization;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>The product's own proxy as a process; ended with the test.</summary>
internal sealed class ProxyProcess : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("proxy-process-");
    private Process? _process;

    private string LogFile => Path.Combine(_directory.FullName, "log");

    /// <summary>The ports of its mapped listeners.</summary>
    public IReadOnlyList<int> Ports { get; private set; } = [];

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    public int Id => _process!.Id;

    public bool HasEnded => _process!.HasExited;

    /// <summary>Starts <c>proxy server</c>; <paramref name="wrap"/> is a program, with its arguments, that runs it.</summary>
    public static ProxyProcess Start(string[] arguments, string[]? wrap = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var proxy = new ProxyProcess();
        try
        {
            proxy.Begin([.. wrap ?? [], BuiltProgram.Path(), "proxy", "server", .. arguments], environment);
            return proxy;
        }
        catch
        {
            proxy.Dispose();
            throw;
        }
    }

    public async Task SignalAsync(string signal) =>
        Assert.Equal(0, (await Tool.RunAsync("kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)])).ExitCode);

    public async Task<int> EndedAsync()
    {
        await _process!.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process?.Dispose();
        _directory.Delete(recursive: true);
    }

    private void Begin(string[] command, IReadOnlyDictionary<string, string>? environment)
    {
        // Its standard input is a pipe that ends with us, however we end.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" 2>> \"$log\"", "sh", LogFile, .. command]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["SWITCHBACK_LIFELINE"] = "stdin";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        var ready = _process.StandardOutput.ReadLine() ?? "";
        Assert.True(ready.StartsWith("ready: ", StringComparison.Ordinal), Log);
        Ports = [.. ready["ready: ".Length..].Split(',').Select(address => int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture))];
    }
}
