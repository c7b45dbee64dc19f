using Switchback.LocalKubernetes.Node.Processes;

namespace Switchback.LocalKubernetes.Node.Probes;

/// <summary>
/// Repeats one probe as the kubelet does: on ticks a period apart from the container's start, where a tick before the initial delay does nothing. So a
/// first probe comes at the first multiple of the period that is not before the delay.
/// </summary>
internal sealed class Prober(ProbeSpecification probe, HandlerRunner handler, ContainerProcess process)
{
    private bool? _last;
    private int _run;

    /// <summary>Runs until cancelled.</summary>
    /// <param name="attempt">Called for each failed attempt with what it said.</param>
    /// <param name="result">Called when a threshold is reached and with it the result changes (or is known for the first time); answers whether to go on.</param>
    /// <param name="cancellation">Ends it, with the container.</param>
    public async Task RunAsync(Action<string> attempt, Func<bool, bool> result, CancellationToken cancellation)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(probe.Period);
        bool? known = null;
        do
        {
            if (TimeProvider.System.GetElapsedTime(started) + TimeSpan.FromMilliseconds(20) < probe.InitialDelay)
            {
                continue;
            }

            var outcome = await TryAsync(attempt, cancellation);
            if (outcome != known && _run >= (outcome ? probe.SuccessThreshold : probe.FailureThreshold))
            {
                known = outcome;
                _run = 0;
                if (!result(outcome))
                {
                    return;
                }
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    private async Task<bool> TryAsync(Action<string> attempt, CancellationToken cancellation)
    {
        var outcome = await handler.RunAsync(probe.Handler, process, probe.Timeout, cancellation);
        _run = outcome.Succeeded == _last ? _run + 1 : 1;
        _last = outcome.Succeeded;
        if (!outcome.Succeeded)
        {
            attempt(outcome.Message);
        }

        return outcome.Succeeded;
    }
}
