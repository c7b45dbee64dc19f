using System.Text.Json.Nodes;
using Switchback.Drills.Ledger;
using Switchback.Drills.Scenarios;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Observing;

/// <summary>
/// Follows the log of every pod of every application from its start to its end, through the Kubernetes API, and writes what they say to the ledger.
/// </summary>
internal sealed class ClientObserver
{
    private readonly KubernetesClient kubernetes;
    private readonly IReadOnlyDictionary<string, ClientSpec> clients;
    private readonly LedgerWriter ledger;
    private readonly DrillClock clock;
    private readonly Func<string, string?> clusterOf;
    private readonly Dictionary<string, ObservedPod> pods = [];
    private readonly List<Task> followers = [];
    private bool followsAgain;

    /// <param name="clusterOf">The cluster that a client's configuration names just now.</param>
    public ClientObserver(
        KubernetesClient kubernetes, IReadOnlyDictionary<string, ClientSpec> clients, LedgerWriter ledger, DrillClock clock, Func<string, string?> clusterOf)
    {
        this.kubernetes = kubernetes;
        this.clients = clients;
        this.ledger = ledger;
        this.clock = clock;
        this.clusterOf = clusterOf;
        Flows = clients.Keys.ToDictionary(name => name, _ => new ClientFlow());
    }

    /// <summary>
    /// Set when the platform is killed on purpose: a log that is cut off by that was read to its end before, and the container's next run has one of its own.
    /// </summary>
    public bool FollowsAgain
    {
        get => Volatile.Read(ref followsAgain);
        set => Volatile.Write(ref followsAgain, value);
    }

    /// <summary>Each application and how far it is.</summary>
    public IReadOnlyDictionary<string, ClientFlow> Flows { get; }

    /// <summary>Watches one namespace until <paramref name="cancellation"/>, then waits for the logs that are still open.</summary>
    public async Task ObserveAsync(string ns, CancellationToken cancellation)
    {
        try
        {
            await foreach (var observed in new Reflector(kubernetes, ResourceNames.Pods, new Selection(ns)).RunAsync(cancellation))
            {
                switch (observed)
                {
                    case Observed.Changed changed:
                        Notice(changed.Object, cancellation);
                        break;
                    case Observed.Removed removed:
                        NoticeEnd(removed.Name);
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The drill has settled: what the logs hold has been read.
        }

        Task[] open;
        lock (followers)
        {
            open = [.. followers];
        }

        await Task.WhenAll(open);
    }

    /// <summary>Whether every pod of an application that started before this time has ended, its last seconds of grace included.</summary>
    public bool HaveEnded(string client, double startedBeforeMs)
    {
        lock (followers)
        {
            return pods.Values.Where(pod => pod.Client.Name == client && pod.StartedMs < startedBeforeMs).All(pod => pod.EndedMs is not null);
        }
    }

    /// <summary>Passes on why a log could not be followed to the ledger.</summary>
    public Task ThrowIfBlindAsync()
    {
        lock (followers)
        {
            return followers.Find(follower => follower.IsFaulted) ?? Task.CompletedTask;
        }
    }

    /// <summary>Writes what is known of every pod, once, at the end.</summary>
    public void WritePods()
    {
        lock (followers)
        {
            foreach (var (name, pod) in pods)
            {
                ledger.Write(new PodFact(pod.Client.Name, name, pod.StartedMs, pod.EndedMs, pod.Cluster));
            }
        }
    }

    private void Notice(JsonObject found, CancellationToken cancellation)
    {
        if (found.Label("app") is not { } app || !clients.TryGetValue(app, out var client) || client.Namespace != found.Namespace)
        {
            return;
        }

        var status = found.Items("status", "containerStatuses").FirstOrDefault(container => container.Text("name") == client.Name);
        var started = status?.Object("state", "running") is not null || status?.Object("state", "terminated") is not null;
        if (!started)
        {
            return;
        }

        lock (followers)
        {
            if (pods.TryGetValue(found.Name, out var known))
            {
                known.Restarts = status!.Number("restartCount") ?? known.Restarts;
                return;
            }

            var pod = new ObservedPod(client, clock.NowMs, clusterOf(client.Name)) { Restarts = status!.Number("restartCount") ?? 0 };
            pods[found.Name] = pod;
            followers.Add(Task.Run(() => FollowAsync(pod, found.Name, cancellation), CancellationToken.None));
        }
    }

    private void NoticeEnd(string name)
    {
        lock (followers)
        {
            if (pods.TryGetValue(name, out var pod))
            {
                pod.EndedMs ??= clock.NowMs;
            }
        }
    }

    private async Task FollowAsync(ObservedPod pod, string name, CancellationToken cancellation)
    {
        long? read = null;
        while (!cancellation.IsCancellationRequested && pod.EndedMs is null)
        {
            // A container that was restarted has a log of its own.
            if (read == pod.Restarts)
            {
                await Task.Delay(100, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            read = pod.Restarts;
            try
            {
                await ReadLogAsync(pod, name, cancellation);
            }
            catch (Exception error) when (FollowsAgain && error is HttpRequestException or IOException or KubernetesException)
            {
                read = null;
                await Task.Delay(100, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (KubernetesException error) when (error.IsNotFound)
            {
                return;
            }
            catch (Exception error) when (error is HttpRequestException or IOException or KubernetesException)
            {
                ledger.Write(new Observation(ObservationKind.Unreadable, pod.Client.Name, name, "", clock.NowMs, Error: $"the log was cut off: {error.Message}"));
                return;
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ReadLogAsync(ObservedPod pod, string name, CancellationToken cancellation)
    {
        var options = new LogOptions(pod.Client.Name, Follow: true);
        await using var stream = await kubernetes.LogsAsync(pod.Client.Namespace, name, options, cancellation);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (LedgerLine.Parse(line, pod.Client.Name, name, clock) is { } observation)
            {
                ledger.Write(observation);
                Flows[pod.Client.Name].Count(observation.Kind);
            }
        }
    }

    private sealed class ObservedPod(ClientSpec client, double startedMs, string? cluster)
    {
        private long restarts;

        public ClientSpec Client { get; } = client;

        public double StartedMs { get; } = startedMs;

        public string? Cluster { get; } = cluster;

        public double? EndedMs { get; set; }

        public long Restarts
        {
            get => Interlocked.Read(ref restarts);
            set => Interlocked.Exchange(ref restarts, value);
        }
    }
}
