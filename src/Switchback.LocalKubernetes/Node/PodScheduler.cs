using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Node.Pods;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node;

/// <summary>Places pods on the one node: there is only the question whether it may be.</summary>
internal sealed class PodScheduler(ObjectStore store)
{
    private readonly EventRecorder _events = new(store, "default-scheduler");

    /// <summary>Binds the pod, or says why not.</summary>
    public void Schedule(JsonObject pod)
    {
        if (pod.IsBeingDeleted() || pod.Text("spec", "schedulerName") is not (null or "" or "default-scheduler") || pod.Items("spec", "schedulingGates").Any())
        {
            return;
        }

        var node = store.Get(ResourceTypes.Node, "", NodeContext.NodeName);
        var refusal = node.Flag("spec", "unschedulable") == true
            ? "0/1 nodes are available: 1 node(s) were unschedulable."
            : (pod.Object("spec", "nodeSelector") ?? []).All(label => node.Label(label.Key) == label.Value?.ToString())
                ? null
                : "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
        var uid = pod.Uid();
        var bound = store.Mutate(ResourceTypes.Pod, pod.Namespace(), pod.Name(), item =>
        {
            if (item.Uid() != uid || item.Text("spec", "nodeName") is { Length: > 0 })
            {
                return false;
            }

            var status = item.Ensure("status");
            status["phase"] ??= "Pending";
            if (refusal is not null)
            {
                PodStatus.SetCondition(status, "PodScheduled", false, "Unschedulable", refusal);
                return true;
            }

            item.Ensure("spec")["nodeName"] = NodeContext.NodeName;
            PodStatus.SetCondition(status, "PodScheduled", true, null, null);
            return true;
        });
        if (bound is null)
        {
            return;
        }

        if (refusal is null)
        {
            _events.Normal(bound, "Scheduled", $"Successfully assigned {pod.Namespace()}/{pod.Name()} to {NodeContext.NodeName}");
        }
        else if (pod.Items("status", "conditions").FirstOrDefault(one => one.Text("type") == "PodScheduled")?.Text("message") != refusal)
        {
            _events.Warning(bound, "FailedScheduling", refusal);
        }
    }

    /// <summary>The node has changed: pods that could not be placed may be placed now.</summary>
    public void ScheduleAll()
    {
        foreach (var pod in store.List(ResourceTypes.Pod).Where(pod => pod.Text("spec", "nodeName") is not { Length: > 0 }))
        {
            Schedule(pod);
        }
    }
}
