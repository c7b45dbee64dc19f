namespace Switchback.Drills.Load;

/// <summary>Where an open-loop load goes.</summary>
/// <param name="Name">What its samples are called; in a drill the producer.</param>
/// <param name="Url">What is posted to.</param>
/// <param name="RatePerSecond">Requests a second, above 0.</param>
internal sealed record LoadTarget(string Name, Uri Url, double RatePerSecond);

/// <summary>
/// A drill's load: each target gets its requests when they are due, whether or not the earlier ones were answered, because users do not wait for each
/// other. Requests in flight are bounded; one that is due beyond the bound is not sent, and its sample says so.
/// </summary>
/// <param name="targets">Where it goes.</param>
/// <param name="clock">Milliseconds since the drill began.</param>
/// <param name="observe">Takes each sample when its request has ended; called from any thread.</param>
internal sealed class OpenLoopLoad(IReadOnlyList<LoadTarget> targets, Func<double> clock, Action<LoadSample> observe)
{
    /// <summary>How many requests may be in flight to one target.</summary>
    public const int MaxInFlight = 256;

    /// <summary>How long a request may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Sends until cancelled, then waits for the requests in flight; ends without an exception.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(targets.Select(target => Task.Run(() => RunAsync(target, stop), CancellationToken.None)));

    private async Task RunAsync(LoadTarget target, CancellationToken stop)
    {
        using var client = new LoadClient(Timeout, MaxInFlight);
        var inFlight = 0;
        var requests = new HashSet<Task>();
        var began = clock();
        for (long i = 0; ; i++)
        {
            var due = began + (i * 1000.0 / target.RatePerSecond);
            if (!await UntilAsync(due, stop))
            {
                break;
            }

            requests.RemoveWhere(request => request.IsCompleted);
            if (Volatile.Read(ref inFlight) >= MaxInFlight)
            {
                observe(new LoadSample(target.Name, due, 0, 0, $"not sent: {MaxInFlight} requests in flight"));
                continue;
            }

            Interlocked.Increment(ref inFlight);
            requests.Add(SendAsync(due));
        }

        await Task.WhenAll(requests);

        async Task SendAsync(double due)
        {
            var (status, error) = await client.PostAsync(target.Url, CancellationToken.None);
            Interlocked.Decrement(ref inFlight);
            observe(new LoadSample(target.Name, Math.Round(due, 3), Math.Round(clock() - due, 3), status, error));
        }
    }

    private async Task<bool> UntilAsync(double due, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var left = due - clock();
            if (left <= 0)
            {
                return true;
            }

            // A cancelled delay ends the loop by its condition.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(left, 1)), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }
}
