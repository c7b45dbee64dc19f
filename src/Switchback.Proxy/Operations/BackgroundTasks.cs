using Microsoft.Extensions.Logging;
using Switchback.Proxy.Logging;

namespace Switchback.Proxy.Operations;

/// <summary>Loops that run beside the connections. One that fails unexpectedly is logged and begins again: a proxy without its probe would lie about being ready.</summary>
internal sealed class BackgroundTasks(ILogger log, CancellationToken cancellation)
{
    private readonly List<Task> _tasks = [];

    public void Start(Func<CancellationToken, Task> loop) => _tasks.Add(Task.Run(() => KeepAsync(loop), CancellationToken.None));

    public Task EndedAsync() => Task.WhenAll(_tasks);

    private async Task KeepAsync(Func<CancellationToken, Task> loop)
    {
        while (true)
        {
            try
            {
                await loop(cancellation).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unexpected)
            {
                log.BackgroundFailed(unexpected);
            }

            using var pause = new PeriodicTimer(TimeSpan.FromSeconds(1));
            await pause.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
