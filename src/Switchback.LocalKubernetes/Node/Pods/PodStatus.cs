using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>Writes a pod's status from what its containers are: phase, conditions, container statuses, as the kubelet does.</summary>
internal static class PodStatus
{
    /// <summary>Sets the fields that the node owns in a pod's status; others (readiness gates' conditions) stay.</summary>
    public static void Apply(JsonObject pod, IReadOnlyList<ContainerRecord> records, DateTimeOffset started, string? podAddress, string hostAddress)
    {
        var status = pod.Ensure("status");
        var policy = pod.Text("spec", "restartPolicy") ?? "Always";
        var initial = records.Where(record => record.Role != ContainerRole.Regular).ToList();
        var regular = records.Where(record => record.Role == ContainerRole.Regular).ToList();
        var phase = Phase(initial, regular, policy);
        status["phase"] = phase;
        status["hostIP"] = hostAddress;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = hostAddress });
        if (podAddress is not null)
        {
            status["podIP"] = podAddress;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = podAddress });
        }

        status["startTime"] = started.ToTimestamp();
        status["qosClass"] ??= ServiceQuality(pod);
        if (initial.Count > 0)
        {
            status["initContainerStatuses"] = new JsonArray([.. initial.Select(record => record.ToStatus())]);
        }

        status["containerStatuses"] = new JsonArray([.. regular.Select(record => record.ToStatus())]);
        SetCondition(status, "PodReadyToStartContainers", podAddress is not null && phase is "Pending" or "Running", null, null);
        SetInitialized(status, initial);
        SetReady(status, records, phase);
        SetCondition(status, "PodScheduled", true, null, null);
    }

    /// <summary>Sets one condition; its transition time changes only with its status.</summary>
    public static void SetCondition(JsonObject status, string type, bool value, string? reason, string? message)
    {
        var text = value ? "True" : "False";
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var condition = conditions.OfType<JsonObject>().FirstOrDefault(one => one.Text("type") == type);
        if (condition is null)
        {
            conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = type, ["lastProbeTime"] = null }));
        }

        if (condition.Text("status") != text)
        {
            condition["status"] = text;
            condition["lastTransitionTime"] = DateTimeOffset.UtcNow.ToTimestamp();
        }

        Set(condition, "reason", reason);
        Set(condition, "message", message);
    }

    private static void Set(JsonObject item, string field, string? value)
    {
        item.Remove(field);
        if (value is not null)
        {
            item[field] = value;
        }
    }

    private static string Phase(List<ContainerRecord> initial, List<ContainerRecord> regular, string policy)
    {
        if (initial.Exists(record => record.Role == ContainerRole.Init && record.ExitCode is > 0 && policy == "Never"))
        {
            return "Failed";
        }

        if (!IsInitialized(initial) || regular.Exists(record => record.State.ContainsKey("waiting") && record.LastExitCode is null))
        {
            return "Pending";
        }

        if (regular.Exists(record => record.ExitCode is null) || policy == "Always")
        {
            return "Running";
        }

        if (regular.TrueForAll(record => record.ExitCode == 0))
        {
            return "Succeeded";
        }

        return policy == "Never" ? "Failed" : "Running";
    }

    private static bool IsInitialized(List<ContainerRecord> initial) =>
        initial.TrueForAll(record => record.Role == ContainerRole.Init ? record.ExitCode == 0 : record.Started || record.LastExitCode is not null);

    private static void SetInitialized(JsonObject status, List<ContainerRecord> initial)
    {
        var missing = initial.Where(record => record.Role == ContainerRole.Init ? record.ExitCode != 0 : !record.Started && record.LastExitCode is null).Select(record => record.Name).ToList();
        SetCondition(status, "Initialized", missing.Count == 0, missing.Count == 0 ? null : "ContainersNotInitialized", missing.Count == 0 ? null : $"containers with incomplete status: [{string.Join(' ', missing)}]");
    }

    private static void SetReady(JsonObject status, IReadOnlyList<ContainerRecord> records, string phase)
    {
        var unready = records.Where(record => record.Role != ContainerRole.Init && !record.Ready).Select(record => record.Name).ToList();
        var (reason, message) = (phase, unready.Count) switch
        {
            ("Succeeded", _) => ("PodCompleted", null),
            ("Failed", _) => ("PodFailed", null),
            (_, 0) => (null, null),
            _ => ("ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]"),
        };
        SetCondition(status, "Ready", reason is null, reason, message);
        SetCondition(status, "ContainersReady", reason is null, reason, message);
    }

    private static string ServiceQuality(JsonObject pod)
    {
        var resources = pod.Items("spec", "containers").Select(container => container.Object("resources")).ToList();
        if (resources.TrueForAll(one => (one?.Object("requests")?.Count ?? 0) == 0 && (one?.Object("limits")?.Count ?? 0) == 0))
        {
            return "BestEffort";
        }

        return resources.TrueForAll(one => one?.Text("limits", "cpu") is { } cpu && one.Text("limits", "memory") is { } memory
            && (one.Text("requests", "cpu") ?? cpu) == cpu && (one.Text("requests", "memory") ?? memory) == memory) ? "Guaranteed" : "Burstable";
    }
}
