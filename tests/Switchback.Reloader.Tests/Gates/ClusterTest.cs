using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>A cluster for each test, and what tests ask of it.</summary>
public abstract class ClusterTest : IAsyncLifetime
{
    protected const string Variable = "STAKATER_CONFIG_CONFIGMAP";

    protected TestCluster Api { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Api = await TestCluster.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected JsonObject Find(string name, ResourceName? kind = null) => Api.Store.Find(kind ?? ResourceNames.Deployments, Given.Namespace, name)!;

    private protected Task RolledAsync(string name, long generation) =>
        Eventually.HoldsAsync(() => Find(name).Generation() >= generation, $"{name} is rolled");

    private protected Task RememberedAsync(string name) =>
        Eventually.HoldsAsync(() => Find(name).Annotation(AnnotationKeys.Seen) is not null, $"{name} carries its marks");

    /// <summary>Everything queued has been looked at: a workload made now comes after it and is marked.</summary>
    private protected async Task NothingMoreAsync(RunningReloader reloader)
    {
        var probe = $"probe-{Guid.NewGuid():N}";
        Api.Store.Put(ResourceNames.Deployments, Given.Workload(probe, Given.Named("config")));
        await RememberedAsync(probe);
        using var http = new HttpClient();
        var address = await reloader.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(
            () => http.GetStringAsync($"http://{address}/metrics").Result.Contains("reloader_workqueue_depth 0", StringComparison.Ordinal),
            "an empty queue");
        Api.Store.Remove(ResourceNames.Deployments, Given.Namespace, probe);
    }

#pragma warning disable CA5350 // The hash users' manifests carry.
    protected static string Hash(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
}
