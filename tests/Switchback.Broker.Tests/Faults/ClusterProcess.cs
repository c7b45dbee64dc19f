using System.Diagnostics;
using System.Globalization;

namespace Switchback.Broker.Tests.Faults;

/// <summary>An embedded cluster as a process of its own, which can be killed; its brokers keep their ports over all its lives.</summary>
/// <param name="configuration">The lines of its server.properties.</param>
/// <param name="brokers">How many brokers.</param>
/// <param name="directory">Where its data and its log are kept.</param>
/// <param name="wrap">Given the data's folder and the program with its arguments, what to run instead.</param>
internal sealed class ClusterProcess(string configuration, int brokers, string directory, Func<string, string[], string[]>? wrap = null) : IDisposable
{
    private readonly int[] _ports = [.. Enumerable.Range(0, brokers).Select(_ => Ports.Free()).Distinct()];
    private Process? _process;

    public string Bootstrap => string.Join(',', _ports.Select(port => FormattableString.Invariant($"127.0.0.1:{port}")));

    public string DataDirectory { get; } = Path.Combine(directory, "data");

    public string ControlSocket { get; } = Path.Combine(directory, "control");

    public int ProcessId => _process!.Id;

    /// <summary>Bytes of memory that are its own, and its share of what it shares.</summary>
    public long Memory => 1024 * long.Parse(
        File.ReadLines($"/proc/{ProcessId}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    public int OpenFiles => Directory.GetFileSystemEntries($"/proc/{ProcessId}/fd").Length;

    /// <summary>What it wrote to its log, in all its lives.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile { get; } = Path.Combine(directory, "log");

    public void Start(params string[] further)
    {
        var file = Path.Combine(directory, "server.properties");
        File.WriteAllText(file, configuration);
        string[] listeners = [.. _ports.SelectMany(port => new[] { "--listen", FormattableString.Invariant($"127.0.0.1:{port}") })];
        string[] arguments = [BuiltProgram.Path(), "broker", .. listeners, "--data", DataDirectory, "--config", file, "--control", ControlSocket, .. further];
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" 2>> \"$log\"", "sh", LogFile, .. wrap?.Invoke(DataDirectory, arguments) ?? arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["SWITCHBACK_LIFELINE"] = "stdin";
        _process = Process.Start(start)!;
        var ready = _process.StandardOutput.ReadLine();
        Assert.True(ready?.StartsWith("ready: ", StringComparison.Ordinal) == true, Log);
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public async Task ControlAsync(string verb, int broker)
    {
        var said = await Tool.RunAsync(BuiltProgram.Path(), ["broker", verb, broker.ToString(CultureInfo.InvariantCulture), "--control", ControlSocket]);
        Assert.True(said.ExitCode == 0, said.All);
    }

    public void Dispose()
    {
        if (_process is not null)
            Kill();
    }
}
