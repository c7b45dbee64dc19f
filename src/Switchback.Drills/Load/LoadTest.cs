using System.Diagnostics;

namespace Switchback.Drills.Load;

/// <summary>What a load test is to do.</summary>
/// <param name="Url">What is posted to; http or https.</param>
/// <param name="Requests">How many requests in all, 1 or more.</param>
/// <param name="Users">How many users at a time, 1 or more; each posts again when it was answered.</param>
public sealed record LoadTestOptions(Uri Url, int Requests, int Users);

/// <summary>The scenario's load test: a number of requests by concurrent users, each of which waits for its answer.</summary>
public static class LoadTest
{
    /// <summary>How long a request may take before it counts as failed.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Sends the requests and answers with the summary of those that ended; on cancellation, of those that ended by then.</summary>
    /// <param name="options">What to send.</param>
    /// <param name="progress">Told the number of ended requests, now and then, from any thread.</param>
    /// <param name="cancellationToken">Ends the test early.</param>
    public static async Task<LoadSummary> RunAsync(LoadTestOptions options, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        using var client = new LoadClient(Timeout, options.Users);
        var samples = new LoadSample?[options.Requests];
        var started = DateTime.UtcNow;
        var began = Stopwatch.GetTimestamp();
        var next = -1;
        var ended = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(options.Users, options.Requests)).Select(_ => Task.Run(UserAsync, CancellationToken.None)));
        var took = Stopwatch.GetElapsedTime(began);
        return LoadSummary.Of(options, started, took, [.. samples.OfType<LoadSample>()]);

        async Task UserAsync()
        {
            for (var i = Interlocked.Increment(ref next); i < options.Requests; i = Interlocked.Increment(ref next))
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                var at = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                var (status, error) = await client.PostAsync(options.Url, cancellationToken);
                if (status == 0 && cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                samples[i] = new LoadSample("load", at, Stopwatch.GetElapsedTime(began).TotalMilliseconds - at, status, error);
                progress?.Report(Interlocked.Increment(ref ended));
            }
        }
    }
}
