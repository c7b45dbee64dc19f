using System.Diagnostics;
using System.Globalization;

namespace Switchback.Broker.Tests.Faults;

/// <summary>kcat, which is librdkafka, as an idempotent producer that is told line by line what to send.</summary>
internal sealed class KcatProducer : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private KcatProducer(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    public static KcatProducer Start(string bootstrap, string topic) => new(Process.Start(new ProcessStartInfo(
        Tool.Require("kcat"), ["-P", "-b", bootstrap, "-t", topic, "-p", "0", "-X", "enable.idempotence=true"])
    {
        RedirectStandardInput = true,
        RedirectStandardError = true,
    })!);

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
            _process.Kill();
        _process.Dispose();
    }
}
