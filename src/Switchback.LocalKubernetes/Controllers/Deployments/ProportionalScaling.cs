using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>
/// Scales a Deployment whose number of replicas was changed, or that is paused: where one set is active it takes the whole number; in
/// the middle of a rollout the change is spread over the sets in proportion to their size.
/// </summary>
internal sealed class ProportionalScaling(ObjectStore store, EventRecorder events, JsonObject deployment)
{
    public void Scale(JsonObject? current, List<JsonObject> sets)
    {
        var limits = RolloutLimits.Of(deployment);
        var scaling = new ReplicaSetScaling(store, events, deployment, limits);
        var active = sets.Where(set => set.Number("spec", "replicas") > 0).ToList();
        if (active.Count <= 1)
        {
            if ((active.FirstOrDefault() ?? current) is { } only)
            {
                scaling.Scale(only, limits.Replicas);
            }

            return;
        }

        if (deployment.Text("spec", "strategy", "type") == "Recreate")
        {
            return;
        }

        var total = active.Sum(set => set.Number("spec", "replicas") ?? 0);
        var change = (limits.Replicas > 0 ? limits.Replicas + limits.MaxSurge : 0) - total;
        var rest = change;
        var wishes = new Dictionary<JsonObject, long>();
        foreach (var set in active.OrderByDescending(set => set.Number("spec", "replicas")))
        {
            var size = set.Number("spec", "replicas") ?? 0;
            var share = (long)Math.Round(change * (double)size / total, MidpointRounding.AwayFromZero);
            share = change > 0 ? Math.Min(share, rest) : Math.Max(share, rest);
            wishes[set] = size + share;
            rest -= share;
        }

        // What rounding left goes to the largest.
        wishes[wishes.Keys.First()] += rest;
        foreach (var (set, wish) in wishes)
        {
            scaling.Scale(set, (int)Math.Max(0, wish));
        }
    }
}
