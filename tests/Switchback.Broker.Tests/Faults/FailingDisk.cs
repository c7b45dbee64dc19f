using System.Diagnostics;
using System.Globalization;

namespace Switchback.Broker.Tests.Faults;

/// <summary>A disk that answers every write and every flush of a running program with EIO, until it is disposed: strace puts the error in place of the call.</summary>
internal sealed class FailingDisk : IAsyncDisposable
{
    private const string Calls = "pwrite64,pwritev,fsync,fdatasync";

    private readonly Process _trace;

    private FailingDisk(Process trace) => _trace = trace;

    /// <summary>Has a program's disk fail; skips the test where this machine does not let us.</summary>
    public static async Task<FailingDisk> OfAsync(int processId)
    {
        var start = new ProcessStartInfo(
            Tool.Require("strace"), ["-f", "-o", "/dev/null", "-e", "trace=" + Calls, "-e", $"inject={Calls}:error=EIO", "-p", processId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardError = true,
        };
        var trace = Process.Start(start)!;
        var said = await trace.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        if (said?.Contains("attached", StringComparison.Ordinal) == true)
            return new FailingDisk(trace);
        trace.Dispose();
        Assert.Skip("no program can be traced here: " + said);
        return null!;
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.RunAsync("kill", ["-INT", _trace.Id.ToString(CultureInfo.InvariantCulture)]);
        await _trace.WaitForExitAsync();
        _trace.Dispose();
    }
}
