using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>The annotations by which <c>kubectl rollout history</c> and <c>undo</c> find their way.</summary>
internal static class Revisions
{
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";

    private const string History = "deployment.kubernetes.io/revision-history";
    private const string MaxReplicas = "deployment.kubernetes.io/max-replicas";

    /// <summary>Annotations of a Deployment that are its own and not its ReplicaSets'.</summary>
    private static readonly string[] NotCopied = [Revision, History, DesiredReplicas, MaxReplicas, "kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to"];

    public static long Of(JsonObject item) => long.TryParse(item.Annotation(Revision), CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    /// <summary>Sets the annotations of a ReplicaSet.</summary>
    /// <param name="set">The set, which is changed.</param>
    /// <param name="deployment">Its owner.</param>
    /// <param name="revision">For the current set its revision; null for an old one, which keeps its own.</param>
    /// <param name="limits">The Deployment's numbers.</param>
    public static void Annotate(JsonObject set, JsonObject deployment, long? revision, RolloutLimits limits)
    {
        var annotations = set.Ensure("metadata", "annotations");
        if (revision is { } current)
        {
            foreach (var (key, value) in deployment.Object("metadata", "annotations") ?? [])
            {
                if (!NotCopied.Contains(key))
                {
                    annotations[key] = value?.DeepClone();
                }
            }

            var before = set.Annotation(Revision);
            var text = current.ToString(CultureInfo.InvariantCulture);
            if (before is not null && before != text)
            {
                annotations[History] = set.Annotation(History) is { Length: > 0 } history ? history + "," + before : before;
            }

            annotations[Revision] = text;
        }

        annotations[DesiredReplicas] = limits.Replicas.ToString(CultureInfo.InvariantCulture);
        annotations[MaxReplicas] = (limits.Replicas + limits.MaxSurge).ToString(CultureInfo.InvariantCulture);
    }
}
