using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.ReplicaSets;

/// <summary>What controllers ask of a pod.</summary>
internal static class PodState
{
    /// <summary>Counts towards the wanted number: neither done nor being deleted.</summary>
    public static bool IsActive(JsonObject pod) => !pod.IsBeingDeleted() && pod.Text("status", "phase") is not ("Succeeded" or "Failed");

    public static bool IsReady(JsonObject pod) => Ready(pod)?.Text("status") == "True";

    /// <summary>When the pod will have been ready for long enough; null while it is not ready.</summary>
    public static DateTimeOffset? AvailableAt(JsonObject pod, long minReadySeconds) =>
        IsReady(pod) ? (Ready(pod)!.Time("lastTransitionTime") ?? DateTimeOffset.MinValue.AddYears(1)).AddSeconds(minReadySeconds) : null;

    /// <summary>Orders pods by which should go first: not placed, pending, not ready, then the youngest.</summary>
    public static int CompareForDeletion(JsonObject one, JsonObject other)
    {
        var order = Rank(one).CompareTo(Rank(other));
        return order != 0 ? order : string.CompareOrdinal(other.Text("metadata", "creationTimestamp"), one.Text("metadata", "creationTimestamp"));
    }

    private static int Rank(JsonObject pod) => pod.Text("spec", "nodeName") is not { Length: > 0 } ? 0 : pod.Text("status", "phase") != "Running" ? 1 : IsReady(pod) ? 3 : 2;

    private static JsonObject? Ready(JsonObject pod) => pod.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Ready");
}
