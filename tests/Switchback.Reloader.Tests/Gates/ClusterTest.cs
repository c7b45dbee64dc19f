using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>A cluster for each test, and what tests ask of it.</summary>
public abstract class ClusterTest(Target target) : IAsyncLifetime
{
    protected const string Variable = "STAKATER_CONFIG_CONFIGMAP";

    protected TestCluster Api { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Api = await TestCluster.StartAsync(target);

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected async Task<JsonObject> FindAsync(string name, ResourceName? kind = null) => (await Api.FindAsync(kind ?? ResourceNames.Deployments, name))!;

    /// <summary>How many templates the workload's pods have had: one more with each rollout.</summary>
    private protected Task<long> RevisionAsync(string name, ResourceName? kind = null) => Api.RevisionAsync(kind ?? ResourceNames.Deployments, name);

    private protected Task RolledAsync(string name, long revision, ResourceName? kind = null) =>
        Eventually.HoldsAsync(async () => await RevisionAsync(name, kind) >= revision, $"{name} is rolled", async () => (await FindAsync(name, kind)).ToJsonString());

    private protected Task RememberedAsync(string name, ResourceName? kind = null) =>
        Eventually.HoldsAsync(async () => (await FindAsync(name, kind)).Annotation(AnnotationKeys.Seen) is not null, $"{name} carries its marks");

    /// <summary>Everything queued has been looked at: a workload made now comes after it and is marked.</summary>
    private protected async Task NothingMoreAsync(RunningReloader reloader)
    {
        var probe = $"probe-{Guid.NewGuid():N}";
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload(probe, Given.Named("config")));
        await RememberedAsync(probe);
        using var http = new HttpClient();
        var address = await reloader.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(
            async () => (await http.GetStringAsync($"http://{address}/metrics")).Contains("reloader_workqueue_depth 0", StringComparison.Ordinal),
            "an empty queue");
        await Api.RemoveAsync(ResourceNames.Deployments, probe);
    }

#pragma warning disable CA5350 // The hash users' manifests carry.
    protected static string Hash(string text) => Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
}
