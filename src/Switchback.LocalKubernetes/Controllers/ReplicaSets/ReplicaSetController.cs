using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Controllers.ReplicaSets;

/// <summary>Keeps as many pods of a template as its object asks for, and counts them.</summary>
internal sealed class ReplicaSetController(ObjectStore store, ILogger logger) : Controller(store, logger)
{
    private readonly EventRecorder _events = new(store, "replicaset-controller");

    protected override string Name => "ReplicaSet controller";

    protected override IEnumerable<Task> Watches(CancellationToken cancellation) =>
    [
        Follow(ResourceTypes.ReplicaSet, change => Enqueue(change.Object), cancellation),
        Follow(ResourceTypes.Pod, change => EnqueueOwner(change.Object, ResourceTypes.ReplicaSet), cancellation),
    ];

    protected override void Reconcile(string ns, string name)
    {
        if (Store.Find(ResourceTypes.ReplicaSet, ns, name) is not { } set)
        {
            return;
        }

        var active = Ownership.Dependents(Store, ResourceTypes.Pod, ResourceTypes.ReplicaSet, set).Where(PodState.IsActive).ToList();
        string? failure = null;
        if (!set.IsBeingDeleted())
        {
            failure = Manage(set, active);
            active = [.. Ownership.Dependents(Store, ResourceTypes.Pod, ResourceTypes.ReplicaSet, set).Where(PodState.IsActive)];
        }

        WriteStatus(set, active, failure);
        if (failure is not null)
        {
            EnqueueAfter(ns, name, TimeSpan.FromSeconds(1));
        }
    }

    private string? Manage(JsonObject set, List<JsonObject> active)
    {
        var missing = (set.Number("spec", "replicas") ?? 1) - active.Count;
        for (; missing > 0; missing--)
        {
            try
            {
                var pod = Store.Create(ResourceTypes.Pod, NewPod(set));
                _events.Normal(set, "SuccessfulCreate", $"Created pod: {pod.Name()}");
            }
            catch (StatusException exception)
            {
                _events.Warning(set, "FailedCreate", $"Error creating: {exception.Message}");
                return exception.Message;
            }
        }

        active.Sort(PodState.CompareForDeletion);
        foreach (var pod in active.Take((int)Math.Max(0, -missing)))
        {
            Store.Delete(ResourceTypes.Pod, pod.Namespace(), pod.Name(), new DeleteOptions(Uid: pod.Uid()));
            _events.Normal(set, "SuccessfulDelete", $"Deleted pod: {pod.Name()}");
        }

        return null;
    }

    private static JsonObject NewPod(JsonObject set)
    {
        var template = set.Object("spec", "template") ?? [];
        var metadata = new JsonObject
        {
            ["generateName"] = set.Name() + "-",
            ["namespace"] = set.Namespace(),
            ["ownerReferences"] = new JsonArray(Ownership.Reference(ResourceTypes.ReplicaSet, set)),
        };
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers"])
        {
            if (template.At("metadata", field) is { } value)
            {
                metadata[field] = value.DeepClone();
            }
        }

        return new JsonObject { ["metadata"] = metadata, ["spec"] = template.At("spec")?.DeepClone() };
    }

    private void WriteStatus(JsonObject set, List<JsonObject> active, string? failure)
    {
        var now = DateTimeOffset.UtcNow;
        var minReady = set.Number("spec", "minReadySeconds") ?? 0;
        var availableAt = active.Select(pod => PodState.AvailableAt(pod, minReady)).OfType<DateTimeOffset>().ToList();
        var labels = LabelSelector.FromMap(set.Object("spec", "template", "metadata", "labels"));
        Store.Mutate(ResourceTypes.ReplicaSet, set.Namespace(), set.Name(), item =>
        {
            if (item.Uid() != set.Uid())
            {
                return false;
            }

            var status = item.Ensure("status");
            var before = status.DeepClone();
            status["replicas"] = active.Count;
            SetCount(status, "fullyLabeledReplicas", active.Count(labels.Matches));
            SetCount(status, "readyReplicas", availableAt.Count);
            SetCount(status, "availableReplicas", availableAt.Count(at => at <= now));
            status["observedGeneration"] = set.Generation();
            status.Remove("conditions");
            if (failure is not null)
            {
                status["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "ReplicaFailure",
                    ["status"] = "True",
                    ["reason"] = "FailedCreate",
                    ["message"] = failure,
                    ["lastTransitionTime"] = before["conditions"]?[0]?["lastTransitionTime"]?.ToString() ?? now.ToTimestamp(),
                });
            }

            return !JsonNode.DeepEquals(before, status);
        });

        // Pods that are ready but not for long enough yet: counted when their time comes.
        if (availableAt.Where(at => at > now).Order().Cast<DateTimeOffset?>().FirstOrDefault() is { } next)
        {
            EnqueueAfter(set.Namespace(), set.Name(), next - now + TimeSpan.FromMilliseconds(10));
        }
    }

    /// <summary>Kubernetes leaves a count of zero out.</summary>
    private static void SetCount(JsonObject status, string field, int count)
    {
        status.Remove(field);
        if (count > 0)
        {
            status[field] = count;
        }
    }
}
