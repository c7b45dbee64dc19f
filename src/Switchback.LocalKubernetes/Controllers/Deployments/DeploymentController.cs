using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.Deployments;

/// <summary>
/// Rolls Deployments out over ReplicaSets: one set for each template, the newest scaled up and the others down within the strategy's limits.
/// </summary>
internal sealed class DeploymentController(ObjectStore store, ILogger logger) : Controller(store, logger)
{
    private readonly EventRecorder _events = new(store, "deployment-controller");

    protected override string Name => "Deployment controller";

    protected override IEnumerable<Task> Watches(CancellationToken cancellation) =>
    [
        Follow(ResourceTypes.Deployment, change => Enqueue(change.Object), cancellation),
        Follow(ResourceTypes.ReplicaSet, change => EnqueueOwner(change.Object, ResourceTypes.Deployment), cancellation),
        Follow(ResourceTypes.Pod, PodChanged, cancellation),
    ];

    /// <summary>A Deployment that is recreated waits for its last old pod to be gone.</summary>
    private void PodChanged(WatchEvent change)
    {
        if (change.Type == WatchEventType.Deleted && change.Object.Controller() is { } owner
            && Store.Find(ResourceTypes.ReplicaSet, change.Object.Namespace(), owner.Text("name") ?? "") is { } set)
        {
            EnqueueOwner(set, ResourceTypes.Deployment);
        }
    }

    protected override void Reconcile(string ns, string name)
    {
        if (Store.Find(ResourceTypes.Deployment, ns, name) is not { } deployment)
        {
            return;
        }

        var sets = Sets(deployment);
        string? happened = null;
        if (!deployment.IsBeingDeleted())
        {
            if (deployment.Flag("spec", "paused") == true || WasRescaled(deployment, sets))
            {
                new ProportionalScaling(Store, _events, deployment).Scale(Current(deployment, sets), sets);
            }
            else
            {
                happened = RollOut(deployment, sets);
            }

            sets = Sets(deployment);
        }

        WriteStatus(deployment, sets, happened);
    }

    private List<JsonObject> Sets(JsonObject deployment) =>
        [.. Ownership.Dependents(Store, ResourceTypes.ReplicaSet, ResourceTypes.Deployment, deployment).OrderBy(set => set.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).ThenBy(Revisions.Of)];

    /// <summary>The set of the present template: the oldest, should there be several.</summary>
    private static JsonObject? Current(JsonObject deployment, List<JsonObject> sets) =>
        sets.FirstOrDefault(set => PodTemplate.IsSame(set.Object("spec", "template"), deployment.Object("spec", "template")));

    private static bool WasRescaled(JsonObject deployment, List<JsonObject> sets)
    {
        var wanted = (deployment.Number("spec", "replicas") ?? 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        return sets.Exists(set => set.Number("spec", "replicas") > 0 && set.Annotation(Revisions.DesiredReplicas) is { } desired && desired != wanted);
    }

    private string? RollOut(JsonObject deployment, List<JsonObject> sets)
    {
        var limits = RolloutLimits.Of(deployment);
        var scaling = new ReplicaSetScaling(Store, _events, deployment, limits);
        if (deployment.Text("spec", "strategy", "type") == "Recreate")
        {
            var present = Current(deployment, sets);
            var others = sets.Where(set => set != present).ToList();
            if (others.Where(set => set.Number("spec", "replicas") > 0).ToList() is { Count: > 0 } running)
            {
                running.ForEach(set => scaling.Scale(set, 0));
                return null;
            }

            if (others.Exists(HasPods))
            {
                return null;
            }
        }

        var (current, happened) = EnsureCurrent(deployment, sets, limits);
        var old = sets.Where(set => set.Uid() != current.Uid()).ToList();
        if (deployment.Text("spec", "strategy", "type") == "Recreate")
        {
            scaling.Scale(current, limits.Replicas);
        }
        else
        {
            var all = (int)old.Sum(set => set.Number("spec", "replicas") ?? 0) + (int)(current.Number("spec", "replicas") ?? 0);
            if (!scaling.Scale(current, limits.ScaleUpNew((int)(current.Number("spec", "replicas") ?? 0), all)))
            {
                scaling.ScaleDownOld(current, old);
            }
        }

        if (IsComplete(limits, current, old))
        {
            RemoveOldSets(deployment, old);
        }

        return happened;
    }

    private bool HasPods(JsonObject set) => Store.ControlledBy(ResourceTypes.Pod, set.Uid())
        .Any(pod => pod.Text("status", "phase") is not ("Succeeded" or "Failed"));

    /// <summary>Finds or makes the set of the present template, and gives it and the Deployment the newest revision.</summary>
    private (JsonObject Current, string? Happened) EnsureCurrent(JsonObject deployment, List<JsonObject> sets, RolloutLimits limits)
    {
        var current = Current(deployment, sets);
        var revision = sets.Where(set => set != current).Select(Revisions.Of).DefaultIfEmpty(0).Max() + 1;
        var happened = "FoundNewReplicaSet";
        if (current is null)
        {
            current = CreateSet(deployment, sets, revision, limits);
            happened = "NewReplicaSetCreated";
        }
        else
        {
            var keep = Math.Max(revision, Revisions.Of(current));
            current = Store.Mutate(ResourceTypes.ReplicaSet, current.Namespace(), current.Name(), set =>
            {
                var before = set.DeepClone();
                Revisions.Annotate(set, deployment, keep, limits);
                Change(set.Ensure("spec"), "minReadySeconds", deployment.At("spec", "minReadySeconds"));
                return !JsonNode.DeepEquals(before, set);
            }) ?? throw StatusException.NotFound(ResourceTypes.ReplicaSet, current.Name());
            revision = keep;
        }

        if (Revisions.Of(deployment) != revision)
        {
            Store.Mutate(ResourceTypes.Deployment, deployment.Namespace(), deployment.Name(), item =>
            {
                item.Ensure("metadata", "annotations")[Revisions.Revision] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return true;
            });
        }

        return (current, happened);
    }

    private static void Change(JsonObject spec, string field, JsonNode? value)
    {
        spec.Remove(field);
        if (value is not null)
        {
            spec[field] = value.DeepClone();
        }
    }

    private JsonObject CreateSet(JsonObject deployment, List<JsonObject> sets, long revision, RolloutLimits limits)
    {
        var template = (JsonObject)deployment.Object("spec", "template")!.DeepClone();
        var hash = PodTemplate.Hash(template, deployment.Number("status", "collisionCount") ?? 0);
        template.Ensure("metadata", "labels")[PodTemplate.HashLabel] = hash;
        var selector = (JsonObject?)deployment.Object("spec", "selector")?.DeepClone() ?? [];
        selector.Ensure("matchLabels")[PodTemplate.HashLabel] = hash;
        var all = (int)sets.Sum(set => set.Number("spec", "replicas") ?? 0);
        var replicas = deployment.Text("spec", "strategy", "type") == "Recreate" ? limits.Replicas : limits.ScaleUpNew(0, all);
        var set = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name()}-{hash}",
                ["namespace"] = deployment.Namespace(),
                ["labels"] = template.At("metadata", "labels")?.DeepClone(),
                ["ownerReferences"] = new JsonArray(Ownership.Reference(ResourceTypes.Deployment, deployment)),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template },
        };
        Change(set.Ensure("spec"), "minReadySeconds", deployment.At("spec", "minReadySeconds"));
        Revisions.Annotate(set, deployment, revision, limits);
        try
        {
            set = Store.Create(ResourceTypes.ReplicaSet, set);
        }
        catch (StatusException exception) when (exception.Reason == "AlreadyExists")
        {
            // Another template with the same hash: the next look takes another hash.
            Store.Mutate(ResourceTypes.Deployment, deployment.Namespace(), deployment.Name(), item =>
            {
                var status = item.Ensure("status");
                status["collisionCount"] = (status.Number("collisionCount") ?? 0) + 1;
                return true;
            });
            throw;
        }

        if (replicas > 0)
        {
            _events.Normal(deployment, "ScalingReplicaSet", $"Scaled up replica set {set.Name()} from 0 to {replicas}");
        }

        return set;
    }

    private static bool IsComplete(RolloutLimits limits, JsonObject current, List<JsonObject> old) =>
        current.Number("status", "availableReplicas") == limits.Replicas && old.TrueForAll(set => set.Number("status", "replicas") is null or 0 && set.Number("spec", "replicas") is null or 0);

    private void RemoveOldSets(JsonObject deployment, List<JsonObject> old)
    {
        var kept = deployment.Number("spec", "revisionHistoryLimit") ?? 10;
        foreach (var set in old.OrderBy(Revisions.Of).Take((int)Math.Max(0, old.Count - kept)))
        {
            Store.Delete(ResourceTypes.ReplicaSet, set.Namespace(), set.Name());
        }
    }

    private void WriteStatus(JsonObject deployment, List<JsonObject> sets, string? happened)
    {
        DateTimeOffset? deadline = null;
        Store.Mutate(ResourceTypes.Deployment, deployment.Namespace(), deployment.Name(), item =>
        {
            if (item.Uid() != deployment.Uid())
            {
                return false;
            }

            var before = item.At("status")?.DeepClone();
            deadline = DeploymentStatus.Apply(item, deployment.Generation(), Current(deployment, sets), sets, happened);
            return !JsonNode.DeepEquals(before, item.At("status"));
        });
        if (deadline is { } at)
        {
            EnqueueAfter(deployment.Namespace(), deployment.Name(), at - DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(50));
        }
    }
}
