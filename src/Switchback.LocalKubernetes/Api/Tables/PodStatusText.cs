using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Api.Tables;

/// <summary>The STATUS, READY and RESTARTS of a pod, in one word each, from its containers' states.</summary>
internal static class PodStatusText
{
    public static string Ready(JsonObject pod)
    {
        var statuses = Statuses(pod, "containerStatuses").ToList();
        var sidecars = Sidecars(pod).ToList();
        var ready = statuses.Count(IsReady) + sidecars.Count(IsReady);
        return string.Create(CultureInfo.InvariantCulture, $"{ready}/{pod.Items("spec", "containers").Count() + sidecars.Count}");
    }

    public static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var statuses = Statuses(pod, "containerStatuses").Concat(Sidecars(pod)).ToList();
        var count = statuses.Sum(status => status.Number("restartCount") ?? 0);
        var last = statuses.Select(status => status.Time("lastState", "terminated", "finishedAt")).Max();
        var text = count.ToString(CultureInfo.InvariantCulture);
        return count > 0 && last is { } ended ? $"{text} ({Durations.Human(now - ended)} ago)" : text;
    }

    public static string Status(JsonObject pod)
    {
        var reason = InitialReason(pod) ?? ContainersReason(pod);
        if (!pod.IsBeingDeleted())
        {
            return reason;
        }

        return pod.Text("status", "reason") == "NodeLost" ? "Unknown" : pod.Text("status", "phase") is "Failed" or "Succeeded" ? reason : "Terminating";
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod, string list) => pod.Items("status", list);

    private static IEnumerable<JsonObject> Sidecars(JsonObject pod) => Statuses(pod, "initContainerStatuses").Where(status => IsSidecar(pod, status));

    private static bool IsReady(JsonObject status) => status.Flag("ready") == true && status.Object("state", "running") is not null;

    private static bool IsSidecar(JsonObject pod, JsonObject status) =>
        pod.Items("spec", "initContainers").Any(one => one.Text("name") == status.Text("name") && one.Text("restartPolicy") == "Always");

    private static string? InitialReason(JsonObject pod)
    {
        var total = pod.Items("spec", "initContainers").Count();
        var done = 0;
        foreach (var status in Statuses(pod, "initContainerStatuses"))
        {
            var state = status.Object("state") ?? [];
            if (state.Object("terminated") is { } ended && ended.Number("exitCode") == 0)
            {
                done++;
            }
            else if (IsSidecar(pod, status) && status.Flag("started") == true)
            {
                done++;
            }
            else if (state.Object("terminated") is { } failed)
            {
                return "Init:" + (failed.Text("reason") is { Length: > 0 } reason ? reason : Code(failed));
            }
            else if (state.Text("waiting", "reason") is { Length: > 0 } waiting && waiting != "PodInitializing")
            {
                return "Init:" + waiting;
            }
            else
            {
                return string.Create(CultureInfo.InvariantCulture, $"Init:{done}/{total}");
            }
        }

        return null;
    }

    private static string ContainersReason(JsonObject pod)
    {
        var reason = pod.Text("status", "reason") is { Length: > 0 } own ? own : pod.Text("status", "phase") ?? "Unknown";
        var running = false;
        foreach (var status in Statuses(pod, "containerStatuses").Reverse())
        {
            var state = status.Object("state") ?? [];
            if (state.Text("waiting", "reason") is { Length: > 0 } waiting)
            {
                reason = waiting;
            }
            else if (state.Object("terminated") is { } ended)
            {
                reason = ended.Text("reason") is { Length: > 0 } why ? why : Code(ended);
            }
            else
            {
                running |= IsReady(status);
            }
        }

        if (reason != "Completed" || !running)
        {
            return reason;
        }

        return pod.Items("status", "conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True") ? "Running" : "NotReady";
    }

    private static string Code(JsonObject ended) => ended.Number("signal") is { } signal and not 0
        ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
        : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{ended.Number("exitCode") ?? 0}");
}
