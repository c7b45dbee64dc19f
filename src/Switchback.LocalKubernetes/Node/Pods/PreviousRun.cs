using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>What becomes of containers that ran under a platform before this one: they ended with it.</summary>
internal static class PreviousRun
{
    /// <summary>Takes over what the pod's status says: the next run is a restart, or, where the pod is not to be restarted, there is none.</summary>
    public static void Resume(JsonObject pod, ContainerRecord record, DateTimeOffset now)
    {
        var before = pod.Items("status", record.Role == ContainerRole.Regular ? "containerStatuses" : "initContainerStatuses").FirstOrDefault(one => one.Text("name") == record.Name);
        if (before?.Text("containerID") is not { } id)
        {
            return;
        }

        var ended = before.Object("state", "terminated") ?? new JsonObject
        {
            ["exitCode"] = 137,
            ["reason"] = "ContainerStatusUnknown",
            ["message"] = "The container could not be located when the platform was started again",
            ["startedAt"] = before.Text("state", "running", "startedAt"),
            ["finishedAt"] = now.ToTimestamp(),
            ["containerID"] = id,
        };
        record.RestartCount = (int)(before.Number("restartCount") ?? 0);
        if (record.Role == ContainerRole.Regular && pod.Text("spec", "restartPolicy") == "Never")
        {
            record.ContainerId = id;
            record.Terminate((int)(ended.Number("exitCode") ?? 137), ended.Text("reason") ?? "Error", ended.Text("message"), ended.Time("startedAt") ?? now, ended.Time("finishedAt") ?? now);
            return;
        }

        record.RestartCount++;
        record.LastState = new JsonObject { ["terminated"] = ended.DeepClone() };
    }
}
