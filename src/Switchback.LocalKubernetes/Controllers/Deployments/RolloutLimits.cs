using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>A Deployment's numbers: how many pods there may be above, and how many may be missing below, the wanted number.</summary>
internal readonly record struct RolloutLimits(int Replicas, int MaxSurge, int MaxUnavailable)
{
    /// <summary>Reads them; a percentage of the surge is rounded up, of the unavailable ones down, and both are never zero.</summary>
    public static RolloutLimits Of(JsonObject deployment)
    {
        var replicas = (int)(deployment.Number("spec", "replicas") ?? 1);
        var strategy = deployment.Object("spec", "strategy");
        if (strategy?.Text("type") == "Recreate")
        {
            return new RolloutLimits(replicas, 0, replicas);
        }

        var surge = Resolve(strategy?.At("rollingUpdate", "maxSurge"), replicas, roundUp: true);
        var unavailable = Math.Min(replicas, Resolve(strategy?.At("rollingUpdate", "maxUnavailable"), replicas, roundUp: false));
        return new RolloutLimits(replicas, surge, surge == 0 && unavailable == 0 ? 1 : unavailable);
    }

    /// <summary>How many replicas the new set gets next, given all sets' present wishes.</summary>
    public int ScaleUpNew(int newReplicas, int allReplicas)
    {
        if (newReplicas >= Replicas)
        {
            return Replicas;
        }

        var room = Replicas + MaxSurge - allReplicas;
        return room <= 0 ? newReplicas : newReplicas + Math.Min(room, Replicas - newReplicas);
    }

    private static int Resolve(JsonNode? value, int replicas, bool roundUp)
    {
        var text = value?.ToString() ?? "25%";
        if (!text.EndsWith('%'))
        {
            return int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;
        }

        var share = int.TryParse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture, out var percent) ? percent * (long)replicas : 0;
        return (int)(roundUp ? (share + 99) / 100 : share / 100);
    }
}
