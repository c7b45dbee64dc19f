using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>
/// A Kubernetes that runs already, by a context of the kubeconfig. The drill brings its own namespaces and takes away all it applied; it refuses where
/// a namespace or another object of that name is there already, because somebody else's applications would be in it.
/// </summary>
internal sealed class ContextPlatform : IDrillPlatform
{
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(120);

    private readonly string _context;
    private readonly List<(ResourceName Resource, string? Namespace, string Name)> _applied = [];
    private bool _disposed;

    private ContextPlatform(string context, KubernetesClient client, IPAddress address)
    {
        _context = context;
        Client = client;
        HostAddress = address;
    }

    public KubernetesClient Client { get; }

    public IPAddress HostAddress { get; }

    public string Network => "cluster";

    /// <summary>Other people's nodes may have to load the images first.</summary>
    public TimeSpan ReadyWithin => TimeSpan.FromMinutes(4);

    public string KubectlSetup => $"kubectl config use-context {_context}";

    /// <exception cref="DrillException">There is no such context, it does not answer, or it has no node that this machine can name an address for.</exception>
    public static async Task<ContextPlatform> ConnectAsync(string context, CancellationToken cancellation)
    {
        KubernetesClient client;
        try
        {
            client = new KubernetesClient(KubeConfig.Load(context: context));
        }
        catch (KubeConfigException error)
        {
            throw new DrillException($"--kubernetes {context}: {error.Message}");
        }

        try
        {
            var nodes = await client.ListAsync(ResourceNames.Nodes, new Selection(), cancellation);
            var node = nodes.SelectMany(found => found.Items("status", "addresses")).FirstOrDefault(item => item.Text("type") == "InternalIP")?.Text("address");
            return IPAddress.TryParse(node, out var address)
                ? new ContextPlatform(context, client, AddressTowards(address))
                : throw new DrillException($"--kubernetes {context}: no node there has an InternalIP");
        }
        catch (Exception error) when (error is HttpRequestException or KubernetesException)
        {
            client.Dispose();
            throw new DrillException($"--kubernetes {context}: {client.Config.Server} does not answer: {error.Message}");
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public async Task ClaimAsync(IReadOnlyList<JsonObject> manifests, CancellationToken cancellation)
    {
        var claimed = new List<(ResourceName Resource, string? Namespace, string Name)>();
        var own = manifests.Where(manifest => manifest.Kind == "Namespace").Select(manifest => manifest.Name).ToHashSet();
        foreach (var manifest in manifests.Where(manifest => !own.Contains(manifest.Namespace)))
        {
            var resource = await Client.ResourceOfAsync(manifest, cancellation);
            var ns = resource.Namespaced ? manifest.Namespace : null;
            if (await Client.GetAsync(resource, ns, manifest.Name, cancellation) is not null)
            {
                throw new DrillException(
                    $"{resource.Kind} {manifest.Name} is already there on {_context}: a drill applies its own and deletes it afterwards; "
                    + "delete that one, or drill on another cluster");
            }

            claimed.Add((resource, ns, manifest.Name));
        }

        _applied.AddRange(claimed);
    }

    /// <summary>Deletes what was applied, and waits until the namespaces are gone: the next drill may begin at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        using var patience = new CancellationTokenSource(Gone);
        try
        {
            foreach (var (resource, ns, name) in _applied)
            {
                await Client.DeleteAsync(resource, ns, name, patience.Token);
            }

            foreach (var (resource, ns, name) in _applied)
            {
                while (await Client.GetAsync(resource, ns, name, patience.Token) is not null)
                {
                    await Task.Delay(200, patience.Token);
                }
            }
        }
        catch (Exception error) when (error is HttpRequestException or KubernetesException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(
                $"switchback drill: not everything could be deleted on {_context}: {string.Join(", ", _applied.Select(one => $"{one.Resource.Kind} {one.Name}"))}: {error.Message}");
        }

        Client.Dispose();
    }

    /// <summary>This machine's address on the way to another. No packet is sent: the kernel says which it would use.</summary>
    private static IPAddress AddressTowards(IPAddress node)
    {
        using var socket = new Socket(node.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Connect(node, 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException error)
        {
            throw new DrillException($"this machine has no route to the node {node}, so its pods would not find the clusters: {error.Message}");
        }
    }
}
