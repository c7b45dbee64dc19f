using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Switchback.Proxy.Tests.Harness;

/// <summary>Three brokers of Apache Kafka with SASL_SSL, where the machine has it.</summary>
public sealed class ApacheKafka : IAsyncLifetime
{
    private static readonly string? Home = Find();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("proxy-kafka-");
    private readonly List<int> _ports = [];

    public IReadOnlyList<int> Ports => _ports;

    public string CaFile => Path.Combine(_directory.FullName, "ca.pem");

    public string Directory1 => _directory.FullName;

    public static void SkipWhereAbsent() => Assert.SkipWhen(Home is null, "no Apache Kafka here: set KAFKA_HOME");

    public async ValueTask InitializeAsync()
    {
        if (Home is not null)
        {
            var first = FreePorts();
            _ports.AddRange([first, first + 10, first + 20]);
            await StartAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _ports.Select((_, index) => index + 1))
        {
            await StopAsync(broker);
        }

        _directory.Delete(recursive: true);
    }

    public Task StartAsync() => RunAsync(Path.Combine(Home!, "bin", "kafka-start"), 90, _directory.FullName, _ports[0].ToString(), "offsets.topic.replication.factor=3", "default.replication.factor=3", "transaction.state.log.replication.factor=3");

    public Task StopAsync(int broker) => RunAsync(Path.Combine(Home!, "bin", "kafka-stop"), 60, Path.Combine(_directory.FullName, broker.ToString()), "KILL");

    /// <summary>What a tool of Kafka's prints; fails the test when the tool fails.</summary>
    public static Task<string> ToolAsync(params string[] arguments) => RunAsync(Path.Combine(Home!, "bin", "kafka-run"), 120, arguments);

    // Through a file: the brokers inherit the script's output and would keep a pipe open.
    public static async Task<string> RunAsync(string program, int seconds, params string[] arguments)
    {
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("sh", ["-c", "out=$1; shift; exec timeout \"$@\" > \"$out\" 2>&1 < /dev/null", "sh", output, seconds.ToString(), program, .. arguments]);
            start.Environment["SECURE"] = "1";
            start.Environment["BROKERS"] = "3";
            start.Environment["KAFKA_HEAP"] = "-Xmx256m";
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var text = await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {process.ExitCode}: {text}");
            return text;
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home)
        {
            return File.Exists(Path.Combine(home, "bin", "kafka-start")) ? home : null;
        }

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var candidate = Path.Combine(directory.FullName, "shared", "kafka");
            if (File.Exists(Path.Combine(candidate, "bin", "kafka-start")))
            {
                return candidate;
            }
        }

        return null;
    }

    // A broker takes its port and the two after it, the next one is ten further.
    private static int FreePorts()
    {
        while (true)
        {
            var first = TestProxy.FreePort();
            int[] wanted = [.. new[] { 0, 10, 20 }.SelectMany(offset => Enumerable.Range(first + offset, 3))];
            if (wanted.All(port => port < 65536 && IsFree(port)))
            {
                return first;
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
