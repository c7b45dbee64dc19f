using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Bench.Reloading;

/// <summary>What the embedded platform itself takes: lists of many objects, pods one at a time and many at once.</summary>
internal sealed class PlatformFigures(KubernetesClient client)
{
    /// <summary>How many pods run at once.</summary>
    public const int Pods = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private int _pods;

    /// <summary>Milliseconds until all objects of a kind were received, in one answer; what a client makes of the bytes is its own.</summary>
    public async Task<double> ListAsync(ResourceName kind, CancellationToken cancellation)
    {
        using var received = new MemoryStream(16 << 20);
        var began = Stopwatch.GetTimestamp();
        await using (var answer = await client.StreamAsync(PathOf(kind), cancellation))
        {
            await answer.CopyToAsync(received, cancellation);
        }

        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        using var list = JsonDocument.Parse(received.GetBuffer().AsMemory(0, (int)received.Length));
        var count = list.RootElement.GetProperty("items").GetArrayLength();
        return count >= FilledCluster.Size ? took : throw new InvalidOperationException($"a list of {kind.Plural} has {count} objects, not {FilledCluster.Size}");
    }

    /// <summary>Milliseconds from sending a new pod to seeing it run.</summary>
    public async Task<double> PodAsync(CancellationToken cancellation)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"pod-{++_pods}");
        var pod = ResourceNames.Pods.NewObject(name, FilledCluster.Namespace);
        pod["spec"] = Containers();
        var version = (await client.GetAsync($"{PathOf(ResourceNames.Pods)}?limit=1", cancellation)).ResourceVersion!;
        var began = Stopwatch.GetTimestamp();
        await client.CreateAsync(ResourceNames.Pods, pod, cancellation);
        await foreach (var change in client.WatchAsync(ResourceNames.Pods, new Selection(FilledCluster.Namespace, FieldSelector: $"metadata.name={name}"), version, Patience, cancellation))
        {
            if (change.Object.Text("status", "phase") == "Running")
            {
                var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
                await client.DeleteAsync(ResourceNames.Pods, FilledCluster.Namespace, name, cancellation, gracePeriodSeconds: 0);
                return took;
            }
        }

        throw new InvalidOperationException($"the pod {name} did not run within {Patience.TotalMinutes:0} minutes");
    }

    /// <summary>Seconds from sending a Deployment of <see cref="Pods"/> replicas until all are available. They are there when this returns.</summary>
    public async Task<double> FleetAsync(CancellationToken cancellation)
    {
        var fleet = ResourceNames.Deployments.NewObject("fleet", FilledCluster.Namespace);
        fleet["spec"] = new JsonObject
        {
            ["replicas"] = Pods,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "fleet" } },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "fleet" } }, ["spec"] = Containers() },
        };
        var began = Stopwatch.GetTimestamp();
        await client.CreateAsync(ResourceNames.Deployments, fleet, cancellation);
        await UntilAsync(async () => (await client.GetAsync(ResourceNames.Deployments, FilledCluster.Namespace, "fleet", cancellation))?.Number("status", "availableReplicas") == Pods, cancellation);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Ends the pods of <see cref="FleetAsync"/>.</summary>
    public async Task DismissAsync(CancellationToken cancellation)
    {
        await client.DeleteAsync(ResourceNames.Deployments, FilledCluster.Namespace, "fleet", cancellation);
        await UntilAsync(async () => (await client.ListAsync(ResourceNames.Pods, new Selection(FilledCluster.Namespace, "app=fleet"), cancellation)).Count == 0, cancellation);
    }

    private static string PathOf(ResourceName kind) =>
        $"{(kind.Group.Length == 0 ? "api" : "apis/" + kind.Group)}/{kind.Version}/namespaces/{FilledCluster.Namespace}/{kind.Plural}";

    private static JsonObject Containers() => new()
    {
        ["terminationGracePeriodSeconds"] = 0,
        ["containers"] = new JsonArray(new JsonObject { ["name"] = "app", ["image"] = "pause" }),
    };

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException($"{Pods} pods were not brought up, or not ended, within {Patience.TotalMinutes:0} minutes");
            }

            await pause.WaitForNextTickAsync(cancellation);
        }
    }
}
