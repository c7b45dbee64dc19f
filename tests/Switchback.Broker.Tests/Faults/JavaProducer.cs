using System.Diagnostics;
using System.Globalization;

namespace Switchback.Broker.Tests.Faults;

/// <summary>Apache Kafka's console producer, idempotent as it is by default, told line by line what to send.</summary>
internal sealed class JavaProducer : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private JavaProducer(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
    }

    public static JavaProducer Start(string bootstrap, string topic) => new(Process.Start(ApacheKafka.Talking(
        Path.Combine(ApacheKafka.RequireHome(), "bin", "kafka-run"),
        [
            "console-producer", "--bootstrap-server", bootstrap, "--topic", topic, "--message-send-max-retries", "100000", "--request-timeout-ms", "10000",
            "--command-property", "delivery.timeout.ms=120000",
        ]))!);

    /// <summary>Has it send <c>line N</c> for each number.</summary>
    public async Task SayAsync(int from, int to)
    {
        for (var i = from; i < to; i++)
            await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"line {i}"));
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Has it end when everything is acknowledged.</summary>
    public async Task EndAsync()
    {
        _process.StandardInput.Close();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Eventually.Deadline);
        await _process.WaitForExitAsync(deadline.Token);
        Assert.True(_process.ExitCode == 0, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
