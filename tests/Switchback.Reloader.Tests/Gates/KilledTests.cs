using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Kubernetes;
using Switchback.LocalKubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>Processes that are killed and stopped: a leading replica, and the API server. Each is a second process of this test program.</summary>
public sealed class KilledTests : IDisposable
{
    private const string KubeConfigVariable = "SWITCHBACK_TEST_KUBECONFIG";
    private const string DataVariable = "SWITCHBACK_TEST_DATA";
    private const string LeaseName = "stakater-reloader-lock";
    private readonly string folder = Directory.CreateTempSubdirectory("reloader-killed-").FullName;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_leader_killed_between_the_change_and_the_patch_leaves_one_rollout_to_the_next()
    {
        await using var platform = await LocalPlatform.StartAsync(new LocalPlatformOptions { DataDirectory = Path.Combine(folder, "data"), Network = "shared" }, Test);
        using var client = await ClientAsync(platform.KubeConfigPath);
        await client.ApplyAsync(Given.ConfigMap("config", "north"), Test);
        await client.ApplyAsync(Deployment("web"), Test);
        await using (await RunningReloader.StartAsync(client.Config))
        {
            await MarkedAsync(client, "web");
        }

        using var one = Start(nameof(Stand_in_replica), KubeConfigVariable, platform.KubeConfigPath);
        try
        {
            await Eventually.HoldsAsync(() => HolderAsync(client, "one"), "the first replica leads");
            await using var two = await RunningReloader.StartAsync(client.Config, options => options with { LeaderElection = Lease("two") });

            await client.ApplyAsync(Given.ConfigMap("config", "west"), Test);
            one.Kill();
            Assert.Equal(1, await RevisionAsync(client, "web"));

            await Eventually.HoldsAsync(async () => await RevisionAsync(client, "web") >= 2, "the rollout");
            Assert.True(await HolderAsync(client, "two"));
            await SettledAsync(client);
            Assert.Equal(2, await RevisionAsync(client, "web"));
        }
        finally
        {
            one.Kill();
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public async Task An_API_server_that_hangs_and_is_then_killed_delays_the_rollout_and_does_not_lose_it(int seconds)
    {
        Assert.SkipUnless(seconds < 10 || Campaigns.AreAskedFor, "half a minute: with ./test --long");
        var data = Path.Combine(folder, "data");
        var server = Start(nameof(Stand_in_platform), DataVariable, data);
        try
        {
            await Eventually.HoldsAsync(() => File.Exists(Path.Combine(data, "kubeconfig")), "the platform");
            using var client = await ClientAsync(Path.Combine(data, "kubeconfig"));
            await client.ApplyAsync(Given.ConfigMap("config", "north"), Test);
            await client.ApplyAsync(Deployment("web"), Test);
            await using var reloader = await RunningReloader.StartAsync(client.Config);
            await MarkedAsync(client, "web");

            // The change is the last that the server does before it stops answering.
            await client.ApplyAsync(Given.ConfigMap("config", "west"), Test);
            Signal(server, "STOP");
            await Task.Delay(TimeSpan.FromSeconds(seconds), Test);
            server.Kill();
            await server.WaitForExitAsync(Test);
            server.Dispose();
            server = Start(nameof(Stand_in_platform), DataVariable, data);

            await Eventually.HoldsAsync(async () => await TryFindAsync(client, "web") is { } web && DeploymentRevision.Of(web) >= 2, "the rollout");
            await SettledAsync(client);
            Assert.Equal(2, await RevisionAsync(client, "web"));
        }
        finally
        {
            server.Kill();
            server.Dispose();
        }
    }

    [Fact(Explicit = true)]
    public async Task Stand_in_replica() => await ReloaderProcess.RunAsync(
        new ReloaderOptions
        {
            Cluster = KubeConfig.Load(Environment.GetEnvironmentVariable(KubeConfigVariable) ?? throw new InvalidOperationException("started by the test above only")),
            Logging = NullLoggerFactory.Instance,
            MetricsAddress = null,
            // Longer than the test: it is killed before its patch.
            SettleWindow = TimeSpan.FromMinutes(10),
            LeaderElection = Lease("one"),
        },
        Test);

    [Fact(Explicit = true)]
    public async Task Stand_in_platform()
    {
        var data = Environment.GetEnvironmentVariable(DataVariable) ?? throw new InvalidOperationException("started by the test above only");
        await using var platform = await LocalPlatform.StartAsync(
            new LocalPlatformOptions { DataDirectory = data, Network = "shared", Listen = new IPEndPoint(IPAddress.Loopback, 0) }, Test);
        await Task.Delay(Timeout.Infinite, Test);
    }

    private static LeaseOptions Lease(string identity) => new(LeaseName, "default", identity)
    {
        Duration = TimeSpan.FromSeconds(3),
        RenewDeadline = TimeSpan.FromSeconds(2),
        RetryPeriod = TimeSpan.FromMilliseconds(200),
    };

    private static async Task<bool> HolderAsync(KubernetesClient client, string identity) =>
        (await client.GetAsync(ResourceNames.Leases, "default", LeaseName, Test))?.Text("spec", "holderIdentity") == identity;

    private static JsonObject Deployment(string name)
    {
        var deployment = Given.Workload(name, Given.Named("config"));
        deployment["spec"]!["replicas"] = 0;
        return deployment;
    }

    private static async Task<KubernetesClient> ClientAsync(string kubeconfig)
    {
        var client = new KubernetesClient(KubeConfig.Load(kubeconfig));
        await client.ApplyAsync(ResourceNames.Namespaces.NewObject(Given.Namespace), Test);
        return client;
    }

    private static async Task<JsonObject> FindAsync(KubernetesClient client, string name) =>
        (await client.GetAsync(ResourceNames.Deployments, Given.Namespace, name, Test))!;

    private static Task<long> RevisionAsync(KubernetesClient client, string name) => DeploymentRevision.ReadAsync(async () => await FindAsync(client, name));

    private static async Task<JsonObject?> TryFindAsync(KubernetesClient client, string name)
    {
        try
        {
            return await FindAsync(client, name);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A workload made now was looked at, hence everything before it.</summary>
    private static async Task SettledAsync(KubernetesClient client)
    {
        await client.ApplyAsync(Deployment("probe"), Test);
        await MarkedAsync(client, "probe");
    }

    private static Task MarkedAsync(KubernetesClient client, string name) =>
        Eventually.HoldsAsync(async () => (await FindAsync(client, name)).Annotation(AnnotationKeys.Seen) is not null, $"{name} carries its marks");

    private static Process Start(string method, string variable, string value) => Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-method", $"*{nameof(KilledTests)}.{method}"])
        {
            Environment = { [variable] = value },
            RedirectStandardOutput = true,
        })!;

    private static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
