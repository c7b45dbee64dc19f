using System.Globalization;
using System.Runtime.InteropServices;
using ChuckClient;

namespace ChuckProducer;

internal static class Program
{
    private const string Usage = """
        usage: chuck-producer CONFIG.PROPERTIES

        Serves POST /chuck-says on port 8080 (CHUCK_HTTP_PORT overrides), and sends each fact to the topic of CONFIG.PROPERTIES, a Java
        client's properties file. POST /chuck-says?wait=true answers after the delivery report. GET /health, GET /ready.
        """;

    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(10);

    private static Task<int> Main(string[] args)
    {
        var complaint = TryPort(out var port) ? null : "CHUCK_HTTP_PORT must be a port from 0 to 65535";
        return Application.RunAsync("chuck-producer", Usage, ClientRole.Producer, args, (properties, log) => Serve(properties, port, log), complaint);
    }

    private static async Task<int> Serve(ClientProperties properties, int port, ClientLog log)
    {
        var ledger = new LedgerLog(Console.OpenStandardOutput());
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        var producer = new FactProducer(properties, ledger, log);
        await using var http = ChuckSays.Create(producer, port);
        try
        {
            await http.StartAsync();
        }
        catch (IOException e)
        {
            log.Say(e.Message);
            return Application.CouldNotRun;
        }

        ledger.Text($"ready: {http.Urls.First()}");
        var ended = await Task.WhenAny(stop.Task, producer.Fatal);

        // First no new requests, then what is on its way: the other way round the last ones would be left in the buffer.
        using var stopping = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await http.StopAsync(stopping.Token);
        producer.Flush(FlushTime);
        return ended == producer.Fatal ? 1 : 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.TrySetResult();
        }
    }

    private static bool TryPort(out int port)
    {
        port = 8080;
        return Environment.GetEnvironmentVariable("CHUCK_HTTP_PORT") is not { Length: > 0 } text
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535);
    }
}
