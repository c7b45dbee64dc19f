using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Switchback.Kafka.Tests.Live;

/// <summary>One Apache Kafka broker for the tests of a class: plaintext, and SASL over TLS. Nothing is started where Kafka is not there.</summary>
public sealed class ApacheKafkaBroker : IAsyncLifetime
{
    private string? _directory;
    private Process? _watch;
    private int _port;

    public string Secure => Bootstrap(_port);

    // kafka-start gives a secured broker a plaintext listener too, two ports up.
    public string Plaintext => Bootstrap(_port + 2);

    public string CaPemFile => Path.Combine(_directory!, "ca.pem");

    public async ValueTask InitializeAsync()
    {
        if (ApacheKafka.Home is null)
            return;
        _directory = Directory.CreateTempSubdirectory("switchback-kafka-").FullName;
        _watch = StopWhenThisEnds(_directory);
        _port = FreePort();
        await RunAsync("kafka-start", _directory, _port.ToString(CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        if (_directory is null)
            return;
        _watch!.StandardInput.Close();
        await _watch.WaitForExitAsync();
        _watch.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Runs one of the distribution's scripts and answers its output.</summary>
    public static Task<string> RunAsync(string script, params string[] arguments) => RunWithInputAsync(script, "", arguments);

    /// <summary>Runs one of the distribution's scripts on an input and answers its output.</summary>
    public static async Task<string> RunWithInputAsync(string script, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(ApacheKafka.RequireHome(), "bin", script), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["SECURE"] = "1";
        using var process = Process.Start(start)!;
        var reading = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = await reading;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{script} ended with {process.ExitCode}: {output}");
        return output;
    }

    /// <summary>A shell that kills the broker when its input ends, however this process ends.</summary>
    private static Process StopWhenThisEnds(string directory)
    {
        var stop = Path.Combine(ApacheKafka.RequireHome(), "bin", "kafka-stop");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "cat > /dev/null; exec \"$0\" \"$1\" KILL", stop, directory]) { RedirectStandardInput = true };
        return Process.Start(start)!;
    }

    private static string Bootstrap(int port)
    {
        ApacheKafka.RequireHome();
        return "localhost:" + port.ToString(CultureInfo.InvariantCulture);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
