using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Bench.Reloading;

/// <summary>An embedded platform of its own with <see cref="Size"/> ConfigMaps and as many Deployments, one of each for the other, all in one namespace.</summary>
internal sealed class FilledCluster : IAsyncDisposable
{
    /// <summary>How many ConfigMaps, and how many Deployments.</summary>
    public const int Size = 5000;

    /// <summary>Where they are.</summary>
    public const string Namespace = "bench";

    private const int Parallelism = 8;
    private readonly Launched _platform;

    private FilledCluster(Launched platform, string folder)
    {
        _platform = platform;
        KubeConfigPath = Path.Combine(folder, "kubeconfig");
        Client = new KubernetesClient(KubeConfig.Load(KubeConfigPath)) { RequestTimeout = TimeSpan.FromMinutes(2) };
    }

    public string KubeConfigPath { get; }

    public KubernetesClient Client { get; }

    public static async Task<FilledCluster> StartAsync(string program, string folder, Action<string> progress, CancellationToken cancellation)
    {
        progress("starting the embedded platform");
        var catalogue = Path.Combine(folder, "catalogue.yaml");
        await File.WriteAllTextAsync(catalogue, "images: { pause: { command: [/bin/sleep, infinity] } }\n", cancellation);
        var data = Path.Combine(folder, "platform");
        var platform = Launched.Start([program, "kubernetes", "--data", data, "--catalogue", catalogue]);
        try
        {
            if (!await platform.LineAsync("ready: ", cancellation))
            {
                throw new InvalidOperationException("the embedded platform ended before it was ready");
            }

            var cluster = new FilledCluster(platform, data);
            progress($"creating {Size} ConfigMaps and {Size} Deployments");
            await cluster.FillAsync(cancellation);
            return cluster;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    /// <summary>The name of the ConfigMap, and of the Deployment that uses it.</summary>
    public static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"app-{index:0000}");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _platform.DisposeAsync();
    }

    private async Task FillAsync(CancellationToken cancellation)
    {
        await Client.CreateAsync(ResourceNames.Namespaces, ResourceNames.Namespaces.NewObject(Namespace), cancellation);
        await Parallel.ForAsync(0, Size, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation }, async (index, token) =>
        {
            await Client.CreateAsync(ResourceNames.ConfigMaps, ConfigMap(Name(index)), token);
            await Client.CreateAsync(ResourceNames.Deployments, Deployment(Name(index)), token);
        });
        using var pause = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while ((await Client.ListAsync(ResourceNames.Deployments, new Selection(Namespace), cancellation)).Any(item => item.Number("status", "observedGeneration") is null))
        {
            await pause.WaitForNextTickAsync(cancellation);
        }
    }

    private static JsonObject ConfigMap(string name)
    {
        var item = ResourceNames.ConfigMaps.NewObject(name, Namespace);
        item["data"] = new JsonObject { ["key"] = "first", ["config.properties"] = "bootstrap.servers=localhost:32400\nclient.id=bench\n" };
        return item;
    }

    // Without replicas: rollouts are counted at the workload, and 10,000 processes are not what is measured.
    private static JsonObject Deployment(string name)
    {
        var item = ResourceNames.Deployments.NewObject(name, Namespace);
        item["metadata"]!["annotations"] = new JsonObject { ["configmap.reloader.stakater.com/reload"] = name };
        item["spec"] = new JsonObject
        {
            ["replicas"] = 0,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                ["spec"] = new JsonObject
                {
                    ["containers"] = new JsonArray(new JsonObject
                    {
                        ["name"] = "app",
                        ["image"] = "pause",
                        ["envFrom"] = new JsonArray(new JsonObject { ["configMapRef"] = new JsonObject { ["name"] = name } }),
                    }),
                },
            },
        };
        return item;
    }
}
