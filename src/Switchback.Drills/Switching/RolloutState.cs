using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Drills.Switching;

/// <summary>How far a Deployment's rollout is, as <c>kubectl rollout status</c> judges it.</summary>
/// <param name="Template">What its pods are made of. Another one is a rollout; a new generation is not, because changed annotations make one too.</param>
internal sealed record RolloutState(string Template, long Generation, long Observed, long Wanted, long Updated, long Total, long Available, bool IsPaused, bool HasFailed)
{
    public bool IsComplete => Observed >= Generation && Updated == Wanted && Total == Wanted && Available == Wanted;

    public static RolloutState Of(JsonObject deployment)
    {
        long Status(string field) => deployment.Number("status", field) ?? 0;
        var failed = deployment.Items("status", "conditions")
            .Any(condition => condition.Text("type") == "Progressing" && condition.Text("reason") == "ProgressDeadlineExceeded");
        return new RolloutState(
            deployment.At("spec", "template")?.ToJsonString() ?? "",
            deployment.Number("metadata", "generation") ?? 0,
            Status("observedGeneration"),
            deployment.Number("spec", "replicas") ?? 1,
            Status("updatedReplicas"),
            Status("replicas"),
            Status("availableReplicas"),
            deployment.Flag("spec", "paused"),
            failed);
    }

    /// <summary>Where it stands, in words; equal words mean that nothing worth telling happened.</summary>
    public string Describe()
    {
        if (IsPaused)
        {
            return "paused: the rollout waits";
        }

        if (Observed < Generation)
        {
            return "its pod template was changed";
        }

        var old = Math.Max(0, Total - Updated);
        return IsComplete
            ? "rolled out, every old pod is gone"
            : $"{Updated} of {Wanted} new pods started, {old} old still there, {Available} available{(HasFailed ? "; it makes no progress" : "")}";
    }
}
