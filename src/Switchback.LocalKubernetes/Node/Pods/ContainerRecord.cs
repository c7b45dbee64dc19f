using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>What a container is to its pod.</summary>
internal enum ContainerRole
{
    /// <summary>Runs to its end before the next one starts.</summary>
    Init,

    /// <summary>An init container that stays (<c>restartPolicy: Always</c>).</summary>
    Sidecar,

    Regular,
}

/// <summary>The observed state of one container, from which the pod's status is written. Changed only under the pod's lock.</summary>
internal sealed class ContainerRecord(string name, string image, ContainerRole role)
{
    public string Name => name;

    public ContainerRole Role => role;

    public bool Ready { get; set; }

    public bool Started { get; set; }

    public int RestartCount { get; set; }

    public string? ContainerId { get; set; }

    public bool IsRunning => State.ContainsKey("running");

    /// <summary>The exit code of the present run where it has ended for good or for now.</summary>
    public long? ExitCode => State.Number("terminated", "exitCode");

    /// <summary>The exit code of the last run that ended.</summary>
    public long? LastExitCode => ExitCode ?? LastState?.Number("terminated", "exitCode");

    public JsonObject State { get; private set; } = Waiting("ContainerCreating", null);

    public JsonObject? LastState { get; set; }

    public void Wait(string reason, string? message = null)
    {
        if (State.ContainsKey("terminated"))
        {
            LastState = State;
        }

        State = Waiting(reason, message);
        Ready = Started = false;
    }

    public void Run(DateTimeOffset at, string id)
    {
        if (State.ContainsKey("terminated"))
        {
            LastState = State;
        }

        ContainerId = id;
        State = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = at.ToTimestamp() } };
    }

    public void Terminate(int exitCode, string reason, string? message, DateTimeOffset started, DateTimeOffset finished)
    {
        var terminated = new JsonObject { ["exitCode"] = exitCode, ["reason"] = reason };
        if (message is not null)
        {
            terminated["message"] = message;
        }

        terminated["startedAt"] = started.ToTimestamp();
        terminated["finishedAt"] = finished.ToTimestamp();
        if (ContainerId is not null)
        {
            terminated["containerID"] = ContainerId;
        }

        State = new JsonObject { ["terminated"] = terminated };
        Started = false;

        // An init container that has succeeded counts as ready ever after.
        Ready = role == ContainerRole.Init && exitCode == 0;
    }

    /// <summary>The entry in <c>containerStatuses</c>.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["name"] = name,
            ["state"] = State.DeepClone(),
            ["lastState"] = LastState?.DeepClone() ?? new JsonObject(),
            ["ready"] = Ready,
            ["restartCount"] = RestartCount,
            ["image"] = image,
            ["imageID"] = ContainerId is null ? "" : "switchback://" + image,
            ["started"] = Started,
        };
        if (ContainerId is not null)
        {
            status["containerID"] = ContainerId;
        }

        return status;
    }

    private static JsonObject Waiting(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null)
        {
            waiting["message"] = message;
        }

        return new JsonObject { ["waiting"] = waiting };
    }
}
