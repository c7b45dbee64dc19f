using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Switchback.Samples.Tests;

/// <summary>One Apache Kafka broker with SASL_SSL for the tests of a class; not started where the machine has none.</summary>
public sealed class ApacheKafka : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("samples-kafka-");

    /// <summary>Null where there is no Apache Kafka.</summary>
    public string? BootstrapServers { get; private set; }

    public string CaFile => Path.Combine(_directory.FullName, "ca.pem");

    public async ValueTask InitializeAsync()
    {
        if (Repository.ApacheKafka is { } home)
        {
            BootstrapServers = (await Run(Path.Combine(home, "bin", "kafka-start"), _directory.FullName, FreePorts().ToString())).Trim();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (BootstrapServers is not null)
        {
            await Run(Path.Combine(Repository.ApacheKafka!, "bin", "kafka-stop"), _directory.FullName, "KILL");
        }

        _directory.Delete(recursive: true);
    }

    /// <summary>What a tool of Kafka's prints, through the plaintext listener for tools.</summary>
    public Task<string> Tool(string name, params string[] arguments)
    {
        var port = int.Parse(BootstrapServers!.Split(':')[1]);
        return Run(Path.Combine(Repository.ApacheKafka!, "bin", "kafka-run"), [name, "--bootstrap-server", $"localhost:{port + 2}", .. arguments]);
    }

    // The broker takes this port and the two after it.
    private static int FreePorts()
    {
        while (true)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            try
            {
                using var second = new TcpListener(IPAddress.Loopback, port + 1);
                using var third = new TcpListener(IPAddress.Loopback, port + 2);
                second.Start();
                third.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another three.
                continue;
            }
        }
    }

    // Through a file: the broker inherits the script's output and would keep a pipe open.
    private static async Task<string> Run(string program, params string[] arguments)
    {
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("sh", ["-c", "out=$1; shift; exec \"$@\" > \"$out\" 2>&1", "sh", output, program, .. arguments]);
            start.Environment["SECURE"] = "1";
            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await process.WaitForExitAsync(patience.Token);
            var text = await File.ReadAllTextAsync(output);
            Assert.True(process.ExitCode == 0, $"{program}: {text}");
            return text;
        }
        finally
        {
            File.Delete(output);
        }
    }
}
