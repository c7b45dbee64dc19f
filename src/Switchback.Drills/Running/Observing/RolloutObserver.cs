using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Drills.Switching;
using Switchback.Kubernetes;

namespace Switchback.Drills.Running.Observing;

/// <summary>Counts the rollouts of every Deployment in the drill's namespaces, by the revisions the Deployment controller gives to new pod templates.</summary>
internal sealed class RolloutObserver(KubernetesClient kubernetes, IReadOnlyCollection<string> namespaces)
{
    private readonly ConcurrentDictionary<string, (JsonObject Deployment, long Revision)> deployments = new();

    /// <summary>The Deployments seen, by name.</summary>
    public IEnumerable<string> Names => deployments.Keys.Order(StringComparer.Ordinal);

    public async Task ObserveAsync(CancellationToken cancellation) =>
        await Task.WhenAll(namespaces.Select(ns => ObserveAsync(ns, cancellation)));

    /// <summary>The revision of a Deployment's pod template: how often it changed.</summary>
    public long Revision(string name) => deployments.TryGetValue(name, out var seen) ? seen.Revision : 0;

    /// <summary>Whether everything that runs is of the present pod template, and ready.</summary>
    public bool IsComplete(string name) => deployments.TryGetValue(name, out var seen) && RolloutState.Of(seen.Deployment).IsComplete;

    private async Task ObserveAsync(string ns, CancellationToken cancellation)
    {
        try
        {
            await foreach (var observed in new Reflector(kubernetes, ResourceNames.Deployments, new Selection(ns)).RunAsync(cancellation))
            {
                if (observed is Observed.Changed changed)
                {
                    var text = changed.Object.Annotation("deployment.kubernetes.io/revision");
                    var revision = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
                    deployments[changed.Object.Name] = (changed.Object, revision);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The drill is over.
        }
    }
}
