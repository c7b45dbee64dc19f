using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.Kubernetes;
using Switchback.Kubernetes.Tests.Fakes;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>
/// The cluster of a case: an API server of the tests' own, which can be made to fail, or the cluster that <c>SWITCHBACK_TEST_KUBERNETES</c> names by its
/// context, where a case brings its own namespaces and takes them away.
/// </summary>
public sealed class TestCluster : IAsyncDisposable
{
    /// <summary>The namespaces of the cases.</summary>
    private static readonly string[] Namespaces = [Given.Namespace, "bank", "dock"];

    private readonly FakeApiServer? fake;
    private readonly KubernetesClient? client;

    private TestCluster(FakeApiServer? fake, KubernetesClient? client) => (this.fake, this.client) = (fake, client);

    public KubeConfig Config => fake?.Config ?? client!.Config;

    /// <summary>Itself: what is there is asked for by the names that the tests' own server has for it.</summary>
    public TestCluster Store => this;

    public Func<HttpRequest, JsonObject?>? Fault
    {
        set => Own("its answers are made to fail").Fault = value;
    }

    public static async Task<TestCluster> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("SWITCHBACK_TEST_KUBERNETES") is not { Length: > 0 } context)
        {
            return new TestCluster(await FakeApiServer.StartAsync(), null);
        }

        var client = new KubernetesClient(KubeConfig.Load(context: context));
        foreach (var ns in Namespaces)
        {
            Assert.True(await client.GetAsync(ResourceNames.Namespaces, null, ns, Test) is null, $"namespace {ns} is there already on {context}");
        }

        await client.CreateAsync(ResourceNames.Namespaces, ResourceNames.Namespaces.NewObject(Given.Namespace), Test);
        return new TestCluster(null, client);
    }

    public Task StopAsync() => Own("it is stopped").StopAsync();

    public Task RestartAsync() => Own("it is stopped").RestartAsync();

    public void Forget() => Own("it forgets").Store.Forget();

    /// <summary>The case needs a kind that the cluster may be too old for.</summary>
    public void Needs(ResourceName resource, string since)
    {
        if (client is not null)
        {
            var known = Wait(client.GetAsync($"/apis/{resource.ApiVersion}", Test)).Items("resources").Any(item => item.Text("name") == resource.Plural);
            Assert.SkipUnless(known, $"{resource.ApiVersion} {resource.Kind} came with {since}");
        }
    }

    /// <summary>The case writes fields that only a controller may write on a whole cluster.</summary>
    public void OnlyOwn(string why) => Own(why);

    /// <summary>Puts an object there as if someone had applied it.</summary>
    public void Put(ResourceName resource, JsonObject wanted)
    {
        if (fake is not null)
        {
            fake.Store.Put(resource, wanted);
            return;
        }

        var next = (JsonObject)wanted.DeepClone();
        var metadata = next["metadata"]!.AsObject();
        metadata.Remove("resourceVersion");
        // What is rolled is looked at, not its pods.
        if (resource.Group == "apps")
        {
            next["spec"]!["replicas"] = 0;
            next.Items("spec", "template", "spec", "containers").First()["image"] = "sh:1";
        }

        var existing = Wait(client!.GetAsync(resource, resource.Namespaced ? wanted.Namespace : null, wanted.Name, Test));
        if (existing is null)
        {
            metadata.Remove("uid");
            Wait(client.CreateAsync(resource, next, Test));
        }
        else
        {
            Wait(client.ReplaceAsync(resource, next, Test));
        }
    }

    public JsonObject? Find(ResourceName resource, string? ns, string name) =>
        fake is not null ? fake.Store.Find(resource, ns, name) : Wait(client!.GetAsync(resource, ns, name, Test));

    public IReadOnlyList<JsonObject> All(ResourceName resource) =>
        fake is not null ? fake.Store.All(resource) : Wait(client!.ListAsync(resource, new Selection(Given.Namespace), Test));

    public void Remove(ResourceName resource, string? ns, string name)
    {
        if (fake is not null)
        {
            fake.Store.Remove(resource, ns, name);
        }
        else
        {
            Wait(client!.DeleteAsync(resource, ns, name, Test));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (fake is not null)
        {
            await fake.DisposeAsync();
            return;
        }

        foreach (var ns in Namespaces)
        {
            await client!.DeleteAsync(ResourceNames.Namespaces, null, ns, CancellationToken.None);
        }

        foreach (var ns in Namespaces)
        {
            await Eventually.HoldsAsync(
                async () => await client!.GetAsync(ResourceNames.Namespaces, null, ns, CancellationToken.None) is null, $"namespace {ns} is gone");
        }

        client!.Dispose();
    }

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private FakeApiServer Own(string why)
    {
        Assert.SkipWhen(fake is null, $"only on the tests' own API server: {why}");
        return fake;
    }
}
