using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Switchback.Bench.Load;

/// <summary>
/// One broker of Apache Kafka for a bench, and its tools. <c>KAFKA_HOME</c> names a folder with <c>bin/kafka-start</c>, <c>bin/kafka-stop</c> and <c>bin/kafka-run</c>;
/// <c>../shared/kafka</c> beside the repository is found, too. The broker ends with us, however we end.
/// </summary>
internal sealed class ApacheKafka : IAsyncDisposable
{
    private readonly Launched _guard;
    private readonly string _home;

    private ApacheKafka(string home, string folder, int port, Launched guard)
    {
        _home = home;
        _guard = guard;
        Folder = folder;
        Port = port;
    }

    /// <summary>The distribution's folder, or null where there is none.</summary>
    public static string? Home => Find();

    public string Folder { get; }

    /// <summary>The first listener's port; with <c>secure</c> that one is SASL_SSL and a plaintext listener is two further.</summary>
    public int Port { get; }

    /// <exception cref="InvalidOperationException">There is no Apache Kafka here, or it does not start.</exception>
    public static async Task<ApacheKafka> StartAsync(string folder, bool secure, int port, IReadOnlyList<string> properties, CancellationToken cancellation)
    {
        var home = Find() ?? throw new InvalidOperationException("no Apache Kafka here: KAFKA_HOME names a folder with bin/kafka-start, bin/kafka-stop, bin/kafka-run");
        const string Script = "\"$0/bin/kafka-start\" \"$@\" && echo started; read _; \"$0/bin/kafka-stop\" \"$1\" KILL";
        var guard = Launched.Start(
            ["sh", "-c", Script, home, folder, port.ToString(CultureInfo.InvariantCulture), .. properties], new Dictionary<string, string> { ["SECURE"] = secure ? "1" : "" });
        if (!await guard.LineAsync("started", cancellation))
        {
            await guard.DisposeAsync();
            throw new InvalidOperationException($"Apache Kafka does not start: {guard.Errors}");
        }

        return new ApacheKafka(home, folder, port, guard);
    }

    /// <summary>Runs one of Apache Kafka's tools to its end; answers what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        await using var tool = Launched.Start([Path.Combine(_home, "bin", "kafka-run"), .. arguments]);
        var lines = await tool.LinesAsync(cancellation);
        var code = await tool.EndAsync(cancellation);
        return code == 0 ? lines : throw new InvalidOperationException($"{arguments[0]} ended with exit code {code}: {tool.Errors}");
    }

    /// <summary>The first of a number of free ports, below those that the system gives to outgoing connections.</summary>
    public static int FreePorts(int count)
    {
        while (true)
        {
            var first = Random.Shared.Next(10_000, 30_000);
            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }
    }

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

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

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home)
        {
            return File.Exists(Path.Combine(home, "bin", "kafka-start")) ? home : null;
        }

        var beside = Path.GetFullPath(Path.Combine(Environment.GetEnvironmentVariable("SWITCHBACK_HOME") ?? ".", "..", "shared", "kafka"));
        return File.Exists(Path.Combine(beside, "bin", "kafka-start")) ? beside : null;
    }
}
