using System.Runtime.InteropServices;

namespace Switchback;

/// <summary>Ctrl-C and SIGTERM ask a command to end; a second one does not wait for it.</summary>
internal sealed class Termination : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public Termination() =>
        registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Ask))];

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        // The first one is ours to handle, the second one the runtime's: it ends the process at once.
        context.Cancel = !source.IsCancellationRequested;
        source.Cancel();
    }
}
