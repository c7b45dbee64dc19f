using System.Diagnostics;
using System.Globalization;

namespace Switchback.Mirror.Tests.Clusters;

/// <summary>Apache Kafka: KAFKA_HOME, or <c>../shared/kafka</c> from any directory above the test.</summary>
internal sealed class ApacheTestCluster : ITestCluster
{
    private readonly string _directory = Directory.CreateTempSubdirectory("switchback-mirror-").FullName;
    private readonly int _port = FreePort.Take();

    public static string? Home { get; } = Find();

    public string Bootstrap => $"localhost:{_port}";

    public Task StartAsync() => RunAsync("kafka-start", _directory, _port.ToString(CultureInfo.InvariantCulture));

    public Task KillAsync() => RunAsync("kafka-stop", _directory, "KILL");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Home!, "bin", script), arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}: {output}");
    }

    private static string? Find()
    {
        var candidates = new List<string>();
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home)
            candidates.Add(home);
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            candidates.Add(Path.Combine(directory.FullName, "..", "shared", "kafka"));
        return candidates.Select(Path.GetFullPath).FirstOrDefault(path => File.Exists(Path.Combine(path, "bin", "kafka-start")));
    }
}
