using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Switchback.Kubernetes;
using Switchback.Kubernetes.Tests.Fakes;
using Switchback.LocalKubernetes;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>Which cluster a case is played on.</summary>
public enum Target
{
    /// <summary>An API server of the tests' own, which can be made to fail.</summary>
    Own,

    /// <summary>A whole Kubernetes: the cluster that <c>SWITCHBACK_TEST_KUBERNETES</c> names by its context, or else the embedded platform.</summary>
    Kubernetes,
}

/// <summary>The cluster of a case. On one that was there before, a case has namespaces of its own, which are gone with it.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private static readonly ResourceName ControllerRevisions = new("apps", "v1", "controllerrevisions", "ControllerRevision");

    private readonly FakeApiServer? fake;
    private readonly KubernetesClient? client;
    private readonly string suffix = "";
    private readonly string folder = "";
    private readonly HashSet<string> namespaces = [];
    private List<Func<Task>> meanwhile = [];
    private LocalPlatform? platform;
    private ApiRelay? relay;

    private TestCluster(FakeApiServer fake) => this.fake = fake;

    private TestCluster(KubernetesClient client, LocalPlatform? platform, string folder)
    {
        (this.client, this.platform, this.folder) = (client, platform, folder);
        suffix = platform is null ? $"-{Guid.NewGuid():N}"[..9] : "";
    }

    public KubeConfig Config => fake?.Config ?? relay?.Config ?? client!.Config;

    /// <summary>Whether this is a cluster that was there before.</summary>
    public bool IsForeign => fake is null && platform is null;

    /// <summary>Answers in the server's place where it gives a Status; after <see cref="MayFailAsync"/>.</summary>
    public Func<HttpRequest, JsonObject?>? Fault
    {
        set
        {
            if (fake is not null)
            {
                fake.Fault = value;
            }
            else
            {
                relay!.Fault = value;
            }
        }
    }

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public static async Task<TestCluster> StartAsync(Target target)
    {
        if (target == Target.Own)
        {
            return new TestCluster(await FakeApiServer.StartAsync());
        }

        TestCluster cluster;
        if (Environment.GetEnvironmentVariable("SWITCHBACK_TEST_KUBERNETES") is { Length: > 0 } context)
        {
            cluster = new TestCluster(new KubernetesClient(KubeConfig.Load(context: context)), null, "");
        }
        else
        {
            var folder = Directory.CreateTempSubdirectory("reloader-cluster-").FullName;
            var platform = await StartPlatformAsync(folder, new IPEndPoint(IPAddress.Loopback, 0));
            cluster = new TestCluster(new KubernetesClient(KubeConfig.Load(platform.KubeConfigPath)), platform, folder);
        }

        await cluster.NamespaceAsync(Given.Namespace);
        return cluster;
    }

    /// <summary>The name that a namespace of the case has here.</summary>
    public string Name(string ns) => ns + suffix;

    /// <summary>The reloader that is started from now on may be given answers to order.</summary>
    public async Task MayFailAsync()
    {
        if (fake is null)
        {
            relay = await ApiRelay.StartAsync(client!.Config);
        }
    }

    /// <summary>For the reloader that is started from now on the server may be away: one that cannot be stopped is reached through a relay.</summary>
    public Task MayBeAwayAsync() => IsForeign ? MayFailAsync() : Task.CompletedTask;

    public async Task StopAsync() => await (fake?.StopAsync() ?? platform?.DisposeAsync().AsTask() ?? relay!.StopAsync());

    /// <summary>It is there again, and no watch can continue where it was.</summary>
    public async Task RestartAsync()
    {
        if (fake is not null)
        {
            await fake.RestartAsync();
        }
        else if (platform is not null)
        {
            platform = await StartPlatformAsync(folder, new IPEndPoint(IPAddress.Loopback, platform.Address.Port));
        }
        else
        {
            await relay!.RestartAsync();
        }

        // A server that keeps its objects elsewhere is changed while it is away; the embedded platform as soon as it is back.
        foreach (var change in Interlocked.Exchange(ref meanwhile, []))
        {
            await change();
        }
    }

    /// <summary>A change that is made while it is stopped.</summary>
    public async Task MeanwhileAsync(Func<Task> change)
    {
        if (platform is not null)
        {
            meanwhile.Add(change);
            return;
        }

        await change();
        fake?.Store.Forget();
    }

    /// <summary>The case needs a kind that the cluster may be too old for.</summary>
    public async Task NeedsAsync(ResourceName resource, string since)
    {
        if (client is not null)
        {
            var known = (await client.GetAsync($"apis/{resource.ApiVersion}", Test)).Items("resources").Any(item => item.Text("name") == resource.Plural);
            Assert.SkipUnless(known, $"{resource.ApiVersion} {resource.Kind} came with {since}");
        }
    }

    /// <summary>Puts an object there as if someone had applied it.</summary>
    public async Task PutAsync(ResourceName resource, JsonObject wanted)
    {
        if (fake is not null)
        {
            fake.Store.Put(resource, wanted);
            return;
        }

        if (resource == ResourceNames.Namespaces)
        {
            await NamespaceAsync(wanted.Name, wanted.Object("metadata", "labels"));
            return;
        }

        var next = (JsonObject)wanted.DeepClone();
        var metadata = next["metadata"]!.AsObject();
        metadata.Remove("resourceVersion");
        // What is found here has the name it has here.
        metadata["namespace"] = wanted.Namespace.EndsWith(suffix, StringComparison.Ordinal) ? wanted.Namespace : Name(wanted.Namespace);
        await NamespaceAsync(next.Namespace[..^suffix.Length]);
        WithoutPods(resource, next);
        var existing = await client!.GetAsync(resource, next.Namespace, next.Name, Test);
        if (existing is null)
        {
            metadata.Remove("uid");
            await client.CreateAsync(resource, next, Test);
            if (resource.Group == "apps" && wanted.Namespace == Given.Namespace)
            {
                // Another template that comes before its controller has looked is the first one it sees, and no rollout.
                await Eventually.HoldsAsync(async () => await RevisionAsync(resource, next.Name) >= 1, $"{next.Name} has its first revision");
            }
        }
        else
        {
            metadata["uid"] = existing.Uid;
            await client.ReplaceAsync(resource, next, Test);
        }
    }

    /// <summary>An object of a namespace of the case; null when it is not there.</summary>
    public async Task<JsonObject?> FindAsync(ResourceName resource, string name, string ns = Given.Namespace) =>
        fake is not null ? fake.Store.Find(resource, ns, name) : await client!.GetAsync(resource, Name(ns), name, Test);

    public async Task<IReadOnlyList<JsonObject>> AllAsync(ResourceName resource) =>
        fake is not null ? fake.Store.All(resource) : await client!.ListAsync(resource, new Selection(Name(Given.Namespace)), Test);

    public async Task RemoveAsync(ResourceName resource, string name)
    {
        if (fake is not null)
        {
            fake.Store.Remove(resource, Given.Namespace, name);
        }
        else
        {
            await client!.DeleteAsync(resource, Name(Given.Namespace), name, Test);
        }
    }

    /// <summary>
    /// How many templates a workload's pods have had, the first one included, as its controller counts them: the revision of a Deployment, the newest of the
    /// ControllerRevisions of the other kinds. It is read after the controller has seen the workload as it is.
    /// </summary>
    public async Task<long> RevisionAsync(ResourceName resource, string name)
    {
        if (fake is not null)
        {
            return fake.Store.RevisionOf(resource, Given.Namespace, name);
        }

        if (platform is not null && resource != ResourceNames.Deployments)
        {
            // The embedded platform has no controllers of the other kinds; what it counts is their specification.
            return (await FindAsync(resource, name))!.Number("metadata", "generation") ?? 0;
        }

        if (resource == ResourceNames.Deployments)
        {
            return await DeploymentRevision.ReadAsync(() => FindAsync(resource, name));
        }

        JsonObject seen = [];
        await Eventually.HoldsAsync(
            async () => (seen = (await FindAsync(resource, name))!).Number("status", "observedGeneration") >= seen.Number("metadata", "generation"), $"{name} is observed");
        return (await AllAsync(ControllerRevisions))
            .Where(revision => revision.Items("metadata", "ownerReferences").Any(owner => owner.Text("uid") == seen.Uid))
            .Select(revision => revision.Number("revision") ?? 0)
            .DefaultIfEmpty(0)
            .Max();
    }

    public async ValueTask DisposeAsync()
    {
        if (fake is not null)
        {
            await fake.DisposeAsync();
            return;
        }

        await (relay?.DisposeAsync() ?? ValueTask.CompletedTask);
        if (platform is null)
        {
            foreach (var ns in namespaces)
            {
                await client!.DeleteAsync(ResourceNames.Namespaces, null, Name(ns), CancellationToken.None);
            }
        }
        else
        {
            await platform.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }

        client!.Dispose();
    }

    private static async Task<LocalPlatform> StartPlatformAsync(string folder, IPEndPoint listen)
    {
        var catalogue = Path.Combine(folder, "catalogue.yaml");
        await File.WriteAllTextAsync(catalogue, "images: { sh: { command: [/bin/sh, -c] } }", Test);
        return await LocalPlatform.StartAsync(
            new LocalPlatformOptions { DataDirectory = Path.Combine(folder, "data"), Listen = listen, Network = "shared", CatalogueFile = catalogue }, Test);
    }

    /// <summary>What is rolled is looked at, not its pods: the workload asks for none, unless it names an image that there is.</summary>
    private static void WithoutPods(ResourceName resource, JsonObject workload)
    {
        if (resource.Group is not ("apps" or "batch") || workload.Items("spec", "template", "spec", "containers").All(container => container.Text("image") == Given.Image))
        {
            return;
        }

        var pod = workload.Ensure("spec", "template", "spec");
        foreach (var container in pod.Items("containers").Concat(pod.Items("initContainers")))
        {
            container["image"] = Given.Image;
        }

        if (resource == ResourceNames.DaemonSets)
        {
            workload.Ensure("spec").Remove("replicas");
            pod["nodeSelector"] = new JsonObject { ["switchback.dev/no-node-has"] = "this" };
        }
        else if (resource.Group == "apps")
        {
            workload.Ensure("spec")["replicas"] = 0;
        }
    }

    private async Task NamespaceAsync(string ns, JsonObject? labels = null)
    {
        if (!namespaces.Add(ns) && labels is null)
        {
            return;
        }

        var wanted = ResourceNames.Namespaces.NewObject(Name(ns));
        wanted["metadata"]!["labels"] = labels?.DeepClone();
        await client!.ApplyAsync(wanted, Test);
    }
}
