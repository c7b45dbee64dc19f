using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Controllers.Deployments;
using Switchback.LocalKubernetes.Controllers.Endpoints;
using Switchback.LocalKubernetes.Controllers.ReplicaSets;
using Switchback.LocalKubernetes.Network.LoadBalancers;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers;

/// <summary>Runs the controllers of workloads and services.</summary>
internal static class ControllerManager
{
    /// <summary>Runs them until cancelled; every port of a load balancer is closed when this returns.</summary>
    public static async Task RunAsync(ObjectStore store, ILogger logger, CancellationToken cancellation)
    {
        using var balancers = new LoadBalancerController(store, logger);
        await Task.WhenAll(
            new DeploymentController(store, logger).RunAsync(cancellation),
            new ReplicaSetController(store, logger).RunAsync(cancellation),
            new EndpointsController(store, logger).RunAsync(cancellation),
            balancers.RunAsync(cancellation));
    }
}
