using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Switchback.Drills.Running.Processes;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Platform;

/// <summary>The embedded Kubernetes of a drill: a process, reached as any other Kubernetes by its kubeconfig.</summary>
internal sealed class EmbeddedPlatform : IDrillPlatform
{
    private static readonly TimeSpan ServesWithin = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<string> command;
    private readonly string log;
    private ChildProcess process;

    private EmbeddedPlatform(
        IReadOnlyList<string> command, string log, ChildProcess process, string kubeConfigFile, KubernetesClient client, IPAddress address, string network)
    {
        this.command = command;
        this.log = log;
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

    public TimeSpan ReadyWithin => TimeSpan.FromMinutes(2);

    public string KubectlSetup { get; }

    /// <summary>It was started for this drill: nothing is there yet.</summary>
    public Task ClaimAsync(IReadOnlyList<JsonObject> manifests, CancellationToken cancellation) => Task.CompletedTask;

    /// <param name="trust">The certificate authority in the pods' system trust store.</param>
    public static async Task<EmbeddedPlatform> StartAsync(DrillParts parts, DrillFolder folder, string network, string trust, CancellationToken cancellation)
    {
        var data = folder.Of("kubernetes");
        string[] command = [parts.Program, "kubernetes", "--data", data, "--network", network, "--trust", trust];
        var log = folder.LogOf("kubernetes");
        var (process, _) = await ChildProcess.StartAsync("kubernetes", command, log, ServesWithin, cancellation);
        try
        {
            var kubeConfig = Path.Combine(data, "kubeconfig");
            var client = new KubernetesClient(KubeConfig.Load(kubeConfig));
            var node = await NodeAsync(client, cancellation);
            return new EmbeddedPlatform(command, log, process, kubeConfig, client, AddressOf(node), node.Annotation("switchback.dev/network") ?? network);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Its own process; the pods' are below it.</summary>
    public int ProcessId => process.Id;

    /// <summary>kill -9 of the platform alone; its pods end a moment later, because it is gone.</summary>
    public async Task CrashAsync()
    {
        await process.CrashAsync();
        await process.DisposeAsync();
    }

    /// <summary>Brings it back after a crash, with the objects it had; its pods are started anew.</summary>
    /// <exception cref="DrillException">It does not start, or its node has another address, where nobody finds the brokers.</exception>
    public async Task RestartAsync(CancellationToken cancellation)
    {
        await AddressGoneAsync(cancellation);
        (process, _) = await ChildProcess.StartAsync("kubernetes", command, log, ServesWithin, cancellation);
        var address = AddressOf(await NodeAsync(Client, cancellation));
        if (!address.Equals(HostAddress))
        {
            throw new DrillException($"the platform came back with the address {address} for {HostAddress}, which somebody else took meanwhile");
        }
    }

    /// <summary>The kernel takes a network namespace apart a little after its last process; until then the node's address would not be given again.</summary>
    private async Task AddressGoneAsync(CancellationToken cancellation)
    {
        var waited = Stopwatch.StartNew();
        while (Network == "namespaces" && waited.Elapsed < ServesWithin)
        {
            try
            {
                using var probe = new Socket(HostAddress.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                probe.Bind(new IPEndPoint(HostAddress, 0));
            }
            catch (SocketException)
            {
                return;
            }

            await Task.Delay(20, cancellation);
        }
    }

    private static async Task<JsonObject> NodeAsync(KubernetesClient client, CancellationToken cancellation) =>
        (await client.ListAsync(ResourceNames.Nodes, new Selection(), cancellation)).Single();

    private static IPAddress AddressOf(JsonObject node) =>
        IPAddress.Parse(node.Items("status", "addresses").First(item => item.Text("type") == "InternalIP").Text("address")!);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await process.DisposeAsync();
    }
}
