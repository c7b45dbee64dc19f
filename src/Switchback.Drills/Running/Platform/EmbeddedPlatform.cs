using System.Net;
using System.Text.Json.Nodes;
using Switchback.Drills.Running.Processes;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>The embedded Kubernetes of a drill: a process, reached as any other Kubernetes by its kubeconfig.</summary>
internal sealed class EmbeddedPlatform : IDrillPlatform
{
    private static readonly TimeSpan ServesWithin = TimeSpan.FromSeconds(30);

    private readonly ChildProcess process;

    private EmbeddedPlatform(ChildProcess process, string kubeConfigFile, KubernetesClient client, IPAddress address, string network)
    {
        this.process = process;
        KubectlSetup = $"export KUBECONFIG={kubeConfigFile}";
        Client = client;
        HostAddress = address;
        Network = network;
    }

    public KubernetesClient Client { get; }

    public IPAddress HostAddress { get; }

    /// <summary><c>namespaces</c> or <c>shared</c>, as the node says.</summary>
    public string Network { get; }

    public TimeSpan ReadyWithin => TimeSpan.FromSeconds(60);

    public string KubectlSetup { get; }

    /// <summary>It was started for this drill: nothing is there yet.</summary>
    public Task ClaimAsync(IReadOnlyList<JsonObject> manifests, CancellationToken cancellation) => Task.CompletedTask;

    /// <param name="trust">The certificate authority in the pods' system trust store.</param>
    public static async Task<EmbeddedPlatform> StartAsync(DrillParts parts, DrillFolder folder, string network, string trust, CancellationToken cancellation)
    {
        var data = folder.Of("kubernetes");
        string[] command = [parts.Program, "kubernetes", "--data", data, "--network", network, "--trust", trust];
        var (process, _) = await ChildProcess.StartAsync("kubernetes", command, folder.LogOf("kubernetes"), ServesWithin, cancellation);
        try
        {
            var kubeConfig = Path.Combine(data, "kubeconfig");
            var client = new KubernetesClient(KubeConfig.Load(kubeConfig));
            var node = (await client.ListAsync(ResourceNames.Nodes, new Selection(), cancellation)).Single();
            var address = node.Items("status", "addresses").First(item => item.Text("type") == "InternalIP").Text("address")!;
            return new EmbeddedPlatform(process, kubeConfig, client, IPAddress.Parse(address), node.Annotation("switchback.dev/network") ?? network);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await process.DisposeAsync();
    }
}
