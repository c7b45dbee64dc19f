using System.Diagnostics;
using System.Globalization;
using Switchback.Drills.Load;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running;

/// <summary>The requests of a drill to every producer, through the LoadBalancer address of its Service as a user would send them, or the node's port where there is none.</summary>
internal sealed class DrillLoad(DrillWorld world) : IAsyncDisposable
{
    private static readonly TimeSpan AddressWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BalancerWithin = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource stopping = new();
    private Task running = Task.CompletedTask;
    private IReadOnlyList<LoadTarget> targets = [];

    /// <summary>What a person would type for one of the requests.</summary>
    public string Command => targets.Count == 0 ? "" : $"curl -X POST {targets[0].Url}";

    public async Task StartAsync(CancellationToken cancellation)
    {
        var found = new List<LoadTarget>();
        foreach (var producer in world.Scenario.Clients.Values.Where(client => client.IsProducer))
        {
            var address = await AddressAsync(producer.Namespace, producer.Name, cancellation);
            var query = world.Scenario.Load.WaitForDelivery ? "?wait=true" : "";
            found.Add(new LoadTarget(producer.Name, new Uri($"http://{address}{world.Scenario.Load.Path}{query}"), world.Scenario.Load.RatePerSecond));
        }

        targets = found;
        running = new OpenLoopLoad(targets, () => world.Clock.NowMs, world.Ledger.Write).RunAsync(stopping.Token);
    }

    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }

    private async Task<string> AddressAsync(string ns, string service, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AddressWithin);
        try
        {
            var waiting = Stopwatch.StartNew();
            while (true)
            {
                var found = await world.Platform.Client.GetAsync(ResourceNames.Services, ns, service, patience.Token)
                    ?? throw new DrillException($"no Service {service} in namespace {ns}: the load goes to the Service of each producer");
                var ingress = found.Items("status", "loadBalancer", "ingress").FirstOrDefault();
                if ((ingress?.Text("ip") ?? ingress?.Text("hostname")) is { } host)
                {
                    var port = found.Items("spec", "ports").First().Number("port");
                    return string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
                }

                // A cluster without load balancers answers on the node.
                if (waiting.Elapsed > BalancerWithin && found.Items("spec", "ports").First().Number("nodePort") is { } nodePort
                    && await NodeAsync(patience.Token) is { } node)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"{node}:{nodePort}");
                }

                await Task.Delay(100, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DrillException($"Service {service} in namespace {ns} was given no LoadBalancer address within {AddressWithin.TotalSeconds:0} s");
        }
    }

    private async Task<string?> NodeAsync(CancellationToken cancellation)
    {
        var nodes = await world.Platform.Client.ListAsync(ResourceNames.Nodes, new Selection(), cancellation);
        var addresses = nodes.SelectMany(node => node.Items("status", "addresses")).ToList();
        return addresses.OrderBy(address => address.Text("type") == "ExternalIP" ? 0 : 1)
            .FirstOrDefault(address => address.Text("type") is "ExternalIP" or "InternalIP")?.Text("address");
    }
}
