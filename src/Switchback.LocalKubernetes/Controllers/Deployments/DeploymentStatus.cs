using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>Counts a Deployment's replicas over its ReplicaSets and judges its rollout: available, progressing, complete, stuck.</summary>
internal static class DeploymentStatus
{
    private const string TimedOut = "ProgressDeadlineExceeded";
    private const string Complete = "NewReplicaSetAvailable";

    /// <summary>Sets the status of the given copy.</summary>
    /// <param name="item">The Deployment, which is changed.</param>
    /// <param name="generation">The generation that was looked at.</param>
    /// <param name="current">The set of the present template, if there is one.</param>
    /// <param name="sets">All its sets.</param>
    /// <param name="event">What just happened to the current set: <c>NewReplicaSetCreated</c>, <c>FoundNewReplicaSet</c>, or null.</param>
    /// <returns>When the progress deadline ends, while it is running.</returns>
    public static DateTimeOffset? Apply(JsonObject item, long generation, JsonObject? current, IReadOnlyList<JsonObject> sets, string? @event)
    {
        var limits = RolloutLimits.Of(item);
        var status = item.Ensure("status");
        var before = (JsonObject)status.DeepClone();
        long Sum(string field) => sets.Sum(set => set.Number("status", field) ?? 0);
        var available = Sum("availableReplicas");

        status["observedGeneration"] = generation;
        SetCount(status, "replicas", Sum("replicas"));
        SetCount(status, "updatedReplicas", current?.Number("status", "replicas") ?? 0);
        SetCount(status, "readyReplicas", Sum("readyReplicas"));
        SetCount(status, "availableReplicas", available);
        SetCount(status, "unavailableReplicas", Math.Max(0, sets.Sum(set => set.Number("spec", "replicas") ?? 0) - available));
        if (available >= limits.Replicas - limits.MaxUnavailable)
        {
            DeploymentConditions.Set(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        }
        else
        {
            DeploymentConditions.Set(status, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        }

        return JudgeProgress(item, status, before, current, limits, @event);
    }

    private static DateTimeOffset? JudgeProgress(JsonObject item, JsonObject status, JsonObject before, JsonObject? current, RolloutLimits limits, string? @event)
    {
        if (item.Flag("spec", "paused") == true)
        {
            DeploymentConditions.Set(status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
            return null;
        }

        var progress = DeploymentConditions.Find(status, "Progressing");
        if (progress?.Text("reason") == "DeploymentPaused")
        {
            DeploymentConditions.Set(status, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
        }

        var name = current?.Name() ?? item.Name();
        if (@event is not null && (@event == "NewReplicaSetCreated" || progress is null))
        {
            DeploymentConditions.Set(status, "Progressing", "True", @event, $"{(@event == "NewReplicaSetCreated" ? "Created new" : "Found new")} replica set \"{name}\"", renew: true);
        }

        var updated = status.Number("updatedReplicas") ?? 0;
        if (current is not null && updated == limits.Replicas && (status.Number("replicas") ?? 0) == limits.Replicas && (status.Number("availableReplicas") ?? 0) == limits.Replicas
            && (current.Number("status", "observedGeneration") ?? 0) >= current.Generation())
        {
            DeploymentConditions.Set(status, "Progressing", "True", Complete, $"ReplicaSet \"{name}\" has successfully progressed.");
            return null;
        }

        var old = (status.Number("replicas") ?? 0) - updated;
        var oldBefore = (before.Number("replicas") ?? 0) - (before.Number("updatedReplicas") ?? 0);
        if (updated > (before.Number("updatedReplicas") ?? 0) || old < oldBefore
            || (status.Number("readyReplicas") ?? 0) > (before.Number("readyReplicas") ?? 0) || (status.Number("availableReplicas") ?? 0) > (before.Number("availableReplicas") ?? 0))
        {
            DeploymentConditions.Set(status, "Progressing", "True", "ReplicaSetUpdated", $"ReplicaSet \"{name}\" is progressing.", renew: true);
        }

        var seconds = item.Number("spec", "progressDeadlineSeconds") ?? 600;
        progress = DeploymentConditions.Find(status, "Progressing");
        if (progress is null || progress.Text("reason") is Complete or TimedOut || seconds >= int.MaxValue)
        {
            return null;
        }

        var deadline = (progress.Time("lastUpdateTime") ?? DateTimeOffset.UtcNow).AddSeconds(seconds);
        if (deadline > DateTimeOffset.UtcNow)
        {
            return deadline;
        }

        DeploymentConditions.Set(status, "Progressing", "False", TimedOut, $"ReplicaSet \"{name}\" has timed out progressing.");
        return null;
    }

    private static void SetCount(JsonObject status, string field, long count)
    {
        status.Remove(field);
        if (count > 0)
        {
            status[field] = count;
        }
    }
}
