using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Drills.Ledger;
using Switchback.Drills.Scenarios;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Observing;

/// <summary>Asks the proxy of every pod that has one for its metrics, each second, and writes them to the ledger.</summary>
internal sealed class ProxyObserver(KubernetesClient kubernetes, IReadOnlyDictionary<string, ClientSpec> clients, LedgerWriter ledger, DrillClock clock)
{
    /// <summary>The port of the metrics, as the origin's manifests name it.</summary>
    private const string PortName = "metrics";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (string Client, Uri Metrics)> pods = new();

    /// <summary>Until cancelled.</summary>
    public async Task ObserveAsync(CancellationToken cancellation)
    {
        var namespaces = clients.Values.Where(client => client.ThroughProxy).Select(client => client.Namespace).Distinct();
        await Task.WhenAll([ScrapeAsync(cancellation), .. namespaces.Select(ns => FollowAsync(ns, cancellation))]);
    }

    /// <summary>Where a pod's proxy shows its metrics; null while it has no address, or where it has no port of that name.</summary>
    internal static Uri? MetricsOf(JsonObject pod)
    {
        var port = pod.Items("spec", "containers").SelectMany(container => container.Items("ports")).FirstOrDefault(one => one.Text("name") == PortName)?.Number("containerPort");
        if (port is null || pod.Text("status", "podIP") is not { Length: > 0 } address)
        {
            return null;
        }

        // On the shared network each pod has ports of its own: TOLD=REAL,..
        var told = string.Create(CultureInfo.InvariantCulture, $"{port}=");
        var real = pod.Annotation("switchback.dev/ports")?.Split(',').FirstOrDefault(pair => pair.StartsWith(told, StringComparison.Ordinal))?[told.Length..];
        return new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{address}:{real ?? port.ToString()}/metrics"));
    }

    private async Task FollowAsync(string ns, CancellationToken cancellation)
    {
        try
        {
            await foreach (var observed in new Reflector(kubernetes, ResourceNames.Pods, new Selection(ns)).RunAsync(cancellation))
            {
                if (observed is Observed.Removed removed)
                {
                    pods.TryRemove(removed.Name, out _);
                }
                else if (observed is Observed.Changed { Object: var pod } && pod.Label("app") is { } app && clients.GetValueOrDefault(app) is { ThroughProxy: true }
                    && MetricsOf(pod) is { } metrics)
                {
                    pods[pod.Name] = (app, metrics);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The drill is over.
        }
    }

    private async Task ScrapeAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = Period };
        while (!cancellation.IsCancellationRequested)
        {
            await Task.WhenAll(pods.Select(pod => ScrapeAsync(http, pod.Key, pod.Value.Client, pod.Value.Metrics, cancellation)));
            await Task.Delay(Period, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ScrapeAsync(HttpClient http, string pod, string client, Uri metrics, CancellationToken cancellation)
    {
        try
        {
            if (ProxySample.Parse(await http.GetStringAsync(metrics, cancellation), client, pod, clock.NowMs) is { } sample)
            {
                ledger.Write(sample);
            }
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            // Not serving yet, or ending: there is a second for another.
        }
    }
}
