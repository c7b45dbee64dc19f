using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>Scales a Deployment's ReplicaSets, and decides how far the old ones may go down.</summary>
internal sealed class ReplicaSetScaling(ObjectStore store, EventRecorder events, JsonObject deployment, RolloutLimits limits)
{
    /// <summary>Sets the replicas of a set.</summary>
    /// <returns>Whether that was a change.</returns>
    public bool Scale(JsonObject set, int replicas)
    {
        var before = (int)(set.Number("spec", "replicas") ?? 1);
        store.Mutate(ResourceTypes.ReplicaSet, set.Namespace(), set.Name(), item =>
        {
            var old = item.DeepClone();
            item.Ensure("spec")["replicas"] = replicas;
            Revisions.Annotate(item, deployment, null, limits);
            return !JsonNode.DeepEquals(old, item);
        });
        if (before == replicas)
        {
            return false;
        }

        events.Normal(deployment, "ScalingReplicaSet", $"Scaled {(replicas > before ? "up" : "down")} replica set {set.Name()} from {before} to {replicas}");
        return true;
    }

    /// <summary>Takes as many old pods away as availability allows: those that serve nobody first, then the oldest sets'.</summary>
    public void ScaleDownOld(JsonObject current, List<JsonObject> old)
    {
        var oldReplicas = old.Sum(Replicas);
        if (oldReplicas == 0)
        {
            return;
        }

        var least = limits.Replicas - limits.MaxUnavailable;
        var newUnavailable = Replicas(current) - Available(current);
        var removable = oldReplicas + Replicas(current) - least - newUnavailable;
        if (removable <= 0)
        {
            return;
        }

        var left = old.ToDictionary(set => set, Replicas);
        foreach (var set in old)
        {
            var unhealthy = Math.Min(removable, Replicas(set) - Available(set));
            if (unhealthy > 0)
            {
                left[set] -= unhealthy;
                removable -= unhealthy;
            }
        }

        var spare = old.Sum(Available) + Available(current) - least;
        foreach (var set in old)
        {
            var taken = Math.Min(Math.Max(0, spare), Math.Min(left[set], Available(set)));
            left[set] -= taken;
            spare -= taken;
        }

        foreach (var (set, replicas) in left.Where(pair => pair.Value != Replicas(pair.Key)))
        {
            Scale(set, replicas);
        }
    }

    private static int Replicas(JsonObject set) => (int)(set.Number("spec", "replicas") ?? 0);

    private static int Available(JsonObject set) => (int)Math.Min(set.Number("status", "availableReplicas") ?? 0, set.Number("spec", "replicas") ?? 0);
}
