using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Controllers;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Node;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Network.LoadBalancers;

/// <summary>
/// Gives each service of type LoadBalancer an address of this machine's loopback network and relays its TCP ports to the ready pods, which it reads from the
/// service's Endpoints. The address is in the service's status; it is kept over a restart of the platform where it is still free.
/// </summary>
internal sealed class LoadBalancerController(ObjectStore store, ILogger logger) : Controller(store, logger), IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(2);

    private readonly EventRecorder _events = new(store, "service-controller");
    private readonly Dictionary<(string Namespace, string Name), (LoadBalancerAddress Address, Dictionary<int, ServiceRelay> Relays)> _balancers = [];

    protected override string Name => "load balancer controller";

    /// <summary>To be called when <see cref="Controller.RunAsync"/> has ended: closes every port.</summary>
    public void Dispose()
    {
        foreach (var key in _balancers.Keys.ToList())
        {
            Release(key);
        }
    }

    protected override IEnumerable<Task> Watches(CancellationToken cancellation) =>
    [
        Follow(ResourceTypes.Service, change => Enqueue(change.Object), cancellation),
        Follow(ResourceTypes.Endpoints, change => Enqueue(change.Object), cancellation),
    ];

    protected override void Reconcile(string ns, string name)
    {
        var service = Store.Find(ResourceTypes.Service, ns, name);
        if (service is null || service.IsBeingDeleted() || service.Text("spec", "type") != "LoadBalancer")
        {
            if (Release((ns, name)) && service is not null)
            {
                Store.Mutate(ResourceTypes.Service, ns, name, item =>
                {
                    item.Ensure("status")["loadBalancer"] = new JsonObject();
                    return true;
                });
            }

            return;
        }

        var (address, relays) = Balancer(service);
        Publish(service, address.Address);
        var endpoints = Store.Find(ResourceTypes.Endpoints, ns, name);
        var wanted = service.Items("spec", "ports").Where(port => port.Text("protocol") is null or "TCP").ToDictionary(port => (int)(port.Number("port") ?? 0));
        foreach (var surplus in relays.Keys.Where(port => !wanted.ContainsKey(port)).ToList())
        {
            relays.Remove(surplus, out var relay);
            relay!.Dispose();
        }

        foreach (var (port, specification) in wanted)
        {
            if (!relays.TryGetValue(port, out var relay))
            {
                relays[port] = relay = new ServiceRelay(new IPEndPoint(address.Address, port));
            }

            Aim(service, relay, Pods(endpoints, specification.Text("name") ?? ""));
        }
    }

    private void Aim(JsonObject service, ServiceRelay relay, IPEndPoint[] pods)
    {
        try
        {
            relay.SetPods(pods);
        }
        catch (SocketException exception)
        {
            NodeLog.CannotListen(Logger, service.Namespace() + "/" + service.Name(), relay.Address.ToString(), exception.Message);
            _events.Warning(service, "SyncLoadBalancerFailed", $"Error syncing load balancer: cannot listen on {relay.Address}: {exception.Message}");
            EnqueueAfter(service.Namespace(), service.Name(), RetryDelay);
        }
    }

    private (LoadBalancerAddress Address, Dictionary<int, ServiceRelay> Relays) Balancer(JsonObject service)
    {
        var key = (service.Namespace(), service.Name());
        if (!_balancers.TryGetValue(key, out var balancer))
        {
            var before = service.Items("status", "loadBalancer", "ingress").FirstOrDefault()?.Text("ip");
            _events.Normal(service, "EnsuringLoadBalancer", "Ensuring load balancer");
            _balancers[key] = balancer = (LoadBalancerAddress.Claim(before ?? service.Text("spec", "loadBalancerIP")), []);
            _events.Normal(service, "EnsuredLoadBalancer", "Ensured load balancer");
        }

        return balancer;
    }

    private void Publish(JsonObject service, IPAddress address)
    {
        var ingress = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = address.ToString(), ["ipMode"] = "VIP" }) };
        if (!JsonNode.DeepEquals(service.At("status", "loadBalancer"), ingress))
        {
            Store.Mutate(ResourceTypes.Service, service.Namespace(), service.Name(), item =>
            {
                item.Ensure("status")["loadBalancer"] = ingress;
                return true;
            });
        }
    }

    private static IPEndPoint[] Pods(JsonObject? endpoints, string portName) =>
        [.. from subset in endpoints?.Items("subsets") ?? []
            from port in subset.Items("ports").Where(port => (port.Text("name") ?? "") == portName)
            from address in subset.Items("addresses")
            select new IPEndPoint(IPAddress.Parse(address.Text("ip") ?? "0.0.0.0"), (int)(port.Number("port") ?? 0))];

    private bool Release((string Namespace, string Name) key)
    {
        if (!_balancers.Remove(key, out var balancer))
        {
            return false;
        }

        foreach (var relay in balancer.Relays.Values)
        {
            relay.Dispose();
        }

        balancer.Address.Dispose();
        return true;
    }
}
