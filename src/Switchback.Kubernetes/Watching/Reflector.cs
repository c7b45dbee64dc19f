using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Switchback.Kubernetes;

/// <summary>
/// Lists the objects of a selection and then watches them, for as long as it is asked to. It never gives up: a failed list or watch is
/// handed out as <see cref="Observed.Failed"/> and tried again with a growing pause. After a watch that was lost it goes on from the last version
/// seen; after 410 it lists again and hands out what vanished meanwhile. It keeps the names of the objects, not the objects.
/// </summary>
public sealed class Reflector(KubernetesClient client, ResourceName resource, Selection selection)
{
    private static readonly TimeSpan WatchLasts = TimeSpan.FromMinutes(5);
    private readonly HashSet<(string Namespace, string Name)> known = [];

    /// <summary>The first pause after a failure; each further one doubles it up to <see cref="LongestPause"/>.</summary>
    public TimeSpan ShortestPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between two attempts.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What is there and what happens to it, until <paramref name="cancellation"/>.</summary>
    public async IAsyncEnumerable<Observed> RunAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        string? version = null;
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            var watching = version is not null;
            var began = TimeProvider.System.GetTimestamp();
            var round = version is null ? ListAsync(cancellation) : WatchAsync(version, cancellation);
            await using var steps = round.GetAsyncEnumerator(cancellation);
            Exception? failure = null;
            while (true)
            {
                Step step;
                try
                {
                    if (!await steps.MoveNextAsync())
                    {
                        break;
                    }

                    step = steps.Current;
                }
                catch (Exception caught) when (IsOfTheServer(caught))
                {
                    failure = caught;
                    break;
                }

                version = step.Version ?? version;
                if (watching)
                {
                    failures = 0;
                }

                if (step.Observed is not null)
                {
                    yield return step.Observed;
                }
            }

            if (failure is null)
            {
                if (watching && TimeProvider.System.GetElapsedTime(began) < ShortestPause)
                {
                    // A server that ends every watch at once is not to be asked without end.
                    await Task.Delay(ShortestPause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                continue;
            }

            // A list that works proves nothing when no watch ever does: only a watch that held makes up for failures.
            if (watching && TimeProvider.System.GetElapsedTime(began) > LongestPause)
            {
                failures = 0;
            }

            if (failure is KubernetesException)
            {
                // Whatever the server holds against continuing the watch (410 above all), a fresh list is the way out.
                version = null;
                if (failure is KubernetesException { IsGone: true } && failures++ == 0)
                {
                    continue;
                }
            }

            var pause = Pause(failures++);
            yield return new Observed.Failed(failure, pause);
            await Task.Delay(pause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsOfTheServer(Exception failure) =>
        failure is KubernetesException or HttpRequestException or TimeoutException or KubeConfigException or IOException;

    private TimeSpan Pause(int failures)
    {
        var grown = ShortestPause * Math.Pow(2, Math.Min(failures, 20));
        return (grown < LongestPause ? grown : LongestPause) * (0.8 + 0.2 * Random.Shared.NextDouble());
    }

    private async IAsyncEnumerable<Step> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var gone = new HashSet<(string, string)>(known);
        var version = "";
        await foreach (var page in client.ListPagesAsync(resource, selection, cancellation))
        {
            version = page.ResourceVersion;
            foreach (var item in page.Items)
            {
                known.Add(Key(item));
                gone.Remove(Key(item));
                yield return new Step(new Observed.Changed(item, Listed: true), null);
            }
        }

        foreach (var (ns, name) in gone)
        {
            known.Remove((ns, name));
            yield return new Step(new Observed.Removed(ns, name), null);
        }

        yield return new Step(new Observed.Synchronized(), version);
    }

    private async IAsyncEnumerable<Step> WatchAsync(string version, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var change in client.WatchAsync(resource, selection, version, WatchLasts, cancellation))
        {
            var at = change.Object.ResourceVersion;
            switch (change.Type)
            {
                case WatchEventType.Bookmark:
                    yield return new Step(null, at);
                    break;
                case WatchEventType.Deleted:
                    known.Remove(Key(change.Object));
                    yield return new Step(new Observed.Removed(change.Object.Namespace, change.Object.Name), at);
                    break;
                default:
                    known.Add(Key(change.Object));
                    yield return new Step(new Observed.Changed(change.Object, Listed: false), at);
                    break;
            }
        }
    }

    private static (string Namespace, string Name) Key(JsonObject item) => (item.Namespace, item.Name);

    private readonly record struct Step(Observed? Observed, string? Version);
}
