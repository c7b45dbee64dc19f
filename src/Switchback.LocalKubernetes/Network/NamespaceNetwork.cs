using System.Globalization;
using System.Net;
using Switchback.LocalKubernetes.Node.Processes;

namespace Switchback.LocalKubernetes.Network;

/// <summary>
/// A network namespace for each pod, bridged in a namespace of the node's own:
/// <code>
///   host                        node namespace (holder)                 pod namespace (sandbox)
///   sbX 10.x.y.1/24  ===veth=== uplink -+
///                                     +-- bridge -- pN  ===veth===  eth0 10.x.y.n/24, default via 10.x.y.1
/// </code>
/// A sandbox takes longer to make than all else of a small pod's start, so that one more than needed waits for the next pod.
/// No namespace has a name. Each lives as long as its holder, and a holder as long as our end of its pipe; with the node namespace go
/// the bridge and the host's end of the pair. So nothing is left, even after kill -9.
/// </summary>
internal sealed class NamespaceNetwork : INodeNetwork
{
    private static readonly string[] Tools = ["ip", "unshare", "nsenter", "mount", "setsid", "chroot"];

    private readonly NodeSubnet _subnet;
    private readonly ShellHolder _holder;
    private readonly Lock _lock = new();
    private readonly SortedSet<int> _free = [.. Enumerable.Range(2, 253)];
    private int _next = 2;
    private Task<Attachment>? _spare;
    private bool _disposed;

    private NamespaceNetwork(NodeSubnet subnet, ShellHolder holder)
    {
        _subnet = subnet;
        _holder = holder;
    }

    public string Mode => "namespaces";

    public IPAddress NodeAddress => _subnet.NodeAddress;

    /// <summary>Sets the network up, where it was the last time if that is free.</summary>
    /// <exception cref="NetworkException">The system refuses, for want of a capability or a tool.</exception>
    public static async Task<NamespaceNetwork> CreateAsync(string memory, CancellationToken cancellation)
    {
        if (Tools.FirstOrDefault(tool => !SystemTools.Has(tool)) is { } missing)
        {
            throw new NetworkException($"{missing} is not installed (packages util-linux and iproute2)");
        }

        var subnet = NodeSubnet.Claim(memory);
        var holder = ShellHolder.Start("--net", "--mount");
        try
        {
            var ip = SystemTools.Path("ip");
            var platform = Environment.ProcessId;
            var name = string.Create(CultureInfo.InvariantCulture, $"sb{subnet.NodeAddress.GetAddressBytes()[1]}-{subnet.NodeAddress.GetAddressBytes()[2]}");
            await holder.RunAsync($"{ip} link add br0 type bridge && {ip} link add uplink type veth peer name {name} netns {platform} && {ip} link set uplink master br0 up && {ip} link set br0 up && {ip} link set lo up", cancellation);
            await holder.RunAsync($"{SystemTools.Path("nsenter")} -t {platform} --net {ip} address add {subnet.NodeAddress}/24 dev {name} && {SystemTools.Path("nsenter")} -t {platform} --net {ip} link set {name} up", cancellation);

            // What containers need besides: a mount namespace of their own.
            await holder.RunAsync($"{SystemTools.Path("mount")} -t tmpfs switchback /mnt", cancellation);
            return new NamespaceNetwork(subnet, holder);
        }
        catch
        {
            await holder.DisposeAsync();
            subnet.Dispose();
            throw;
        }
    }

    public async Task<IPodNetwork> AttachAsync(PodNetworkRequest request, CancellationToken cancellation)
    {
        var attachment = await (TakeSpare() ?? MakeAsync(cancellation));
        try
        {
            await attachment.NameAsync(request.Name[..Math.Min(63, request.Name.Length)], cancellation);
            return attachment;
        }
        catch
        {
            await attachment.DisposeAsync();
            throw;
        }
    }

    /// <summary>The sandbox that waits, and another one is begun; null where there is none, or where it could not be made.</summary>
    private Task<Attachment>? TakeSpare()
    {
        lock (_lock)
        {
            var spare = _spare;
            _spare = _disposed || _free.Count == 0 ? null : MakeAsync(CancellationToken.None);
            return spare is { IsFaulted: false } ? spare : null;
        }
    }

    private async Task<Attachment> MakeAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        var host = Take();
        var sandbox = ShellHolder.Start("--net", "--uts");
        try
        {
            var ip = SystemTools.Path("ip");
            var peer = string.Create(CultureInfo.InvariantCulture, $"p{host}");
            string[] steps =
            [
                "link set lo up",
                $"link add eth0 type veth peer name {peer} netns {_holder.ProcessId}",
                $"address add {_subnet.Address(host)}/24 dev eth0",
                "link set eth0 up",
                $"route add default via {NodeAddress}",
            ];
            await sandbox.RunAsync($"printf '%s\\n' {string.Join(' ', steps.Select(ShellText.Quote))} | {ip} -batch -", cancellation);
            await _holder.RunAsync($"{ip} link set {peer} master br0 up", cancellation);
            return new Attachment(this, host, sandbox);
        }
        catch
        {
            await sandbox.DisposeAsync();
            Release(host);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<Attachment>? spare;
        lock (_lock)
        {
            _disposed = true;
            spare = _spare;
        }

        try
        {
            if (spare is not null)
            {
                await (await spare).DisposeAsync();
            }
        }
        catch (NetworkException)
        {
            // It never came to be.
        }

        try
        {
            // The kernel takes a namespace apart a little after its end; the address is to be free when we say so.
            await _holder.RunAsync($"{SystemTools.Path("ip")} link delete uplink", CancellationToken.None);
        }
        catch (NetworkException)
        {
            // The holder was ended from outside, and the pair with it.
        }

        await _holder.DisposeAsync();
        _subnet.Dispose();
    }

    /// <summary>Addresses go round, so that one just released is not met again by a late connection.</summary>
    private int Take()
    {
        lock (_lock)
        {
            if (_free.Count == 0)
            {
                throw new NetworkException("the node's 253 pod addresses are all in use");
            }

            var host = _free.GetViewBetween(_next, 254) is { Count: > 0 } above ? above.Min : _free.Min;
            _free.Remove(host);
            _next = host == 254 ? 2 : host + 1;
            return host;
        }
    }

    private void Release(int host)
    {
        lock (_lock)
        {
            _free.Add(host);
        }
    }

    private sealed class Attachment(NamespaceNetwork network, int host, ShellHolder sandbox) : IPodNetwork
    {
        public IPAddress Address => network._subnet.Address(host);

        public int? SandboxProcessId => sandbox.ProcessId;

        public IReadOnlyDictionary<int, int> Ports { get; } = new Dictionary<int, int>();

        public Task NameAsync(string hostName, CancellationToken cancellation) =>
            sandbox.RunAsync($"printf %s {ShellText.Quote(hostName)} > /proc/sys/kernel/hostname", cancellation);

        public async ValueTask DisposeAsync()
        {
            await sandbox.DisposeAsync();
            network.Release(host);
        }
    }
}
