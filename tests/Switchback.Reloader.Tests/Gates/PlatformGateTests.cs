using System.Net;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.LocalKubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>
/// The gates against a whole Kubernetes, the embedded one or the cluster that <c>SWITCHBACK_TEST_KUBERNETES</c> names: an API server with its own patches,
/// conflicts, TLS, and a Deployment controller beside us.
/// </summary>
[Trait("Suite", "Kubernetes")]
public sealed class PlatformGateTests : IAsyncLifetime
{
    private static readonly string? Context = Environment.GetEnvironmentVariable("SWITCHBACK_TEST_KUBERNETES") is { Length: > 0 } context ? context : null;

    private readonly string folder = Directory.CreateTempSubdirectory("reloader-gates-").FullName;
    private LocalPlatform? platform;
    private KubernetesClient client = null!;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        platform = Context is null ? await StartAsync(new IPEndPoint(IPAddress.Loopback, 0)) : null;
        client = new KubernetesClient(platform is null ? KubeConfig.Load(context: Context) : KubeConfig.Load(platform.KubeConfigPath));
        Assert.True(platform is not null || await NamespaceAsync() is null, $"namespace {Given.Namespace} is there already on {Context}");
        await client.ApplyAsync(ResourceNames.Namespaces.NewObject(Given.Namespace), Test);
    }

    public async ValueTask DisposeAsync()
    {
        if (platform is null)
        {
            await client.DeleteAsync(ResourceNames.Namespaces, null, Given.Namespace, CancellationToken.None);
            await Eventually.HoldsAsync(async () => await NamespaceAsync() is null, "the namespace is gone");
        }
        else
        {
            await platform.DisposeAsync();
        }

        client.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(ReloadStrategy.EnvironmentVariables)]
    [InlineData(ReloadStrategy.Annotations)]
    public async Task One_rollout_for_a_change_whenever_it_was_made_and_none_without(ReloadStrategy strategy)
    {
        ReloaderOptions With(ReloaderOptions options) => options with { Strategy = strategy };
        await client.ApplyAsync(Given.ConfigMap("config", "north"), Test);
        await client.ApplyAsync(Deployment("web"), Test);
        await using (await RunningReloader.StartAsync(client.Config, With))
        {
            await EventuallyAsync("web", web => web.Annotation(AnnotationKeys.Seen) is not null);
            Assert.Equal(1, (await FindAsync("web")).Generation());
            await client.ApplyAsync(Given.ConfigMap("config", "west"), Test);
            await EventuallyAsync("web", web => web.Generation() == 2);
        }

        await using (await RunningReloader.StartAsync(client.Config, With))
        {
            await SettledAsync();
            Assert.Equal(2, (await FindAsync("web")).Generation());
        }

        await client.ApplyAsync(Given.ConfigMap("config", "north"), Test);
        await using (await RunningReloader.StartAsync(client.Config, With))
        {
            await EventuallyAsync("web", web => web.Generation() == 3);
            await SettledAsync();
        }

        Assert.Equal(3, (await FindAsync("web")).Generation());
    }

    [Fact]
    public async Task Two_ConfigMaps_and_a_Secret_give_one_rollout()
    {
        await client.ApplyAsync(Given.ConfigMap("config", "north"), Test);
        await client.ApplyAsync(Given.ConfigMap("more", "north"), Test);
        await client.ApplyAsync(Given.Secret("key", "north"), Test);
        await client.ApplyAsync(Deployment("web", Given.Named("config,more", "key")), Test);
        await using var reloader = await RunningReloader.StartAsync(client.Config, options => options with { SettleWindow = TimeSpan.FromSeconds(5) });
        await EventuallyAsync("web", web => web.Annotation(AnnotationKeys.Seen) is not null);

        await client.ApplyAsync(Given.ConfigMap("config", "west"), Test);
        await client.ApplyAsync(Given.Secret("key", "west"), Test);
        await client.ApplyAsync(Given.ConfigMap("more", "west"), Test);

        await EventuallyAsync("web", web => web.Generation() >= 2);
        await SettledAsync();
        var rolled = await FindAsync("web");
        Assert.Equal(2, rolled.Generation());
        Assert.Equal(
            ["STAKATER_CONFIG_CONFIGMAP", "STAKATER_KEY_SECRET", "STAKATER_MORE_CONFIGMAP"],
            rolled.Items("spec", "template", "spec", "containers").Single().Items("env").Select(variable => variable.Text("name")).Order());
    }

    [Fact]
    public async Task A_platform_that_was_away_and_came_back_with_another_value_gets_its_rollout()
    {
        Assert.SkipWhen(platform is null, "only of the embedded platform: its process is ended");
        await client.ApplyAsync(Given.ConfigMap("config", "north"), Test);
        await client.ApplyAsync(Deployment("web"), Test);
        await using var reloader = await RunningReloader.StartAsync(client.Config);
        await EventuallyAsync("web", web => web.Annotation(AnnotationKeys.Seen) is not null);

        var address = new IPEndPoint(IPAddress.Loopback, platform.Address.Port);
        await platform.DisposeAsync();
        await Eventually.HoldsAsync(() => reloader.Lines.Any(line => line.Contains("API server failed", StringComparison.Ordinal)), "a failure in the log");
        platform = await StartAsync(address);
        await client.ApplyAsync(Given.ConfigMap("config", "west"), Test);

        await EventuallyAsync("web", web => web.Generation() >= 2);
        await SettledAsync();
        Assert.Equal(2, (await FindAsync("web")).Generation());
    }

    [Fact]
    public async Task A_pod_of_the_new_template_replaces_the_old_one()
    {
        await client.ApplyAsync(Given.ConfigMap("config", "north"), Test);
        var web = Deployment("web");
        web["spec"]!["replicas"] = 1;
        await client.ApplyAsync(web, Test);
        await EventuallyAsync("web", seen => seen.Number("status", "availableReplicas") == 1);
        var before = (await PodsAsync()).Single();
        await using var reloader = await RunningReloader.StartAsync(client.Config);
        await EventuallyAsync("web", seen => seen.Annotation(AnnotationKeys.Seen) is not null);

        await client.ApplyAsync(Given.ConfigMap("config", "west"), Test);

        await EventuallyAsync("web", seen => seen.Number("status", "observedGeneration") == 2 && seen.Number("status", "updatedReplicas") == 1
            && seen.Number("status", "replicas") == 1 && seen.Number("status", "availableReplicas") == 1);
        Assert.NotEqual(before, (await PodsAsync()).Single());
    }

    private static JsonObject Deployment(string name, string? annotations = null)
    {
        var deployment = Given.Workload(name, annotations ?? Given.Named("config"));
        deployment["spec"]!["replicas"] = 0;
        var container = deployment.Items("spec", "template", "spec", "containers").Single();
        container["image"] = "sh:1";
        container["args"] = new JsonArray("trap 'exit 0' TERM; while :; do sleep 1; done");
        return deployment;
    }

    private Task<LocalPlatform> StartAsync(IPEndPoint listen)
    {
        var catalogue = Path.Combine(folder, "catalogue.yaml");
        File.WriteAllText(catalogue, "images: { sh: { command: [/bin/sh, -c] } }");
        return LocalPlatform.StartAsync(
            new LocalPlatformOptions { DataDirectory = Path.Combine(folder, "data"), Listen = listen, Network = "shared", CatalogueFile = catalogue }, Test);
    }

    private Task<JsonObject?> NamespaceAsync() => client.GetAsync(ResourceNames.Namespaces, null, Given.Namespace, CancellationToken.None);

    private async Task<JsonObject> FindAsync(string name) => (await client.GetAsync(ResourceNames.Deployments, Given.Namespace, name, Test))!;

    private async Task<IReadOnlyList<string>> PodsAsync() =>
        [.. (await client.ListAsync(ResourceNames.Pods, new Selection(Given.Namespace), Test)).Where(pod => pod.Text("metadata", "deletionTimestamp") is null).Select(pod => pod.Name)];

    private async Task EventuallyAsync(string name, Func<JsonObject, bool> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Test);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        while (!condition(await FindAsync(name)))
        {
            Assert.True(!deadline.IsCancellationRequested, $"within 60 s, {name} is not as expected: {await FindAsync(name)}");
            await timer.WaitForNextTickAsync(Test);
        }
    }

    /// <summary>A workload made now was looked at, hence everything before it.</summary>
    private async Task SettledAsync()
    {
        var probe = $"probe-{Guid.NewGuid():N}";
        await client.ApplyAsync(Deployment(probe), Test);
        await EventuallyAsync(probe, seen => seen.Annotation(AnnotationKeys.Seen) is not null);
        await client.DeleteAsync(ResourceNames.Deployments, Given.Namespace, probe, Test);
    }
}
