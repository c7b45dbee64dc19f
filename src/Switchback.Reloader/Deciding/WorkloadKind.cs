using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Reloader.Deciding;

/// <summary>A kind of workload: where its pod template is, and what rolling it means.</summary>
internal sealed record WorkloadKind(ResourceName Resource, string[] TemplatePath, RollMethod Method)
{
    public static readonly WorkloadKind Deployment = new(ResourceNames.Deployments, ["spec", "template"], RollMethod.Patch);
    public static readonly WorkloadKind DaemonSet = new(ResourceNames.DaemonSets, ["spec", "template"], RollMethod.Patch);
    public static readonly WorkloadKind StatefulSet = new(ResourceNames.StatefulSets, ["spec", "template"], RollMethod.Patch);
    public static readonly WorkloadKind CronJob = new(ResourceNames.CronJobs, ["spec", "jobTemplate", "spec", "template"], RollMethod.StartJob);
    public static readonly WorkloadKind Job = new(ResourceNames.Jobs, ["spec", "template"], RollMethod.Recreate);
    public static readonly WorkloadKind[] All = [Deployment, DaemonSet, StatefulSet, CronJob, Job];

    public string Name => Resource.Kind;

    public JsonObject? Template(JsonObject workload) => workload.Object(TemplatePath);

    public override string ToString() => Name;
}

internal enum RollMethod
{
    /// <summary>The pod template is patched and the workload's own controller replaces the pods.</summary>
    Patch,

    /// <summary>A Job is made of the CronJob's template, now.</summary>
    StartJob,

    /// <summary>A Job's template cannot be changed: it is deleted and made anew.</summary>
    Recreate,
}

/// <summary>One workload of the cluster.</summary>
internal sealed record WorkloadKey(WorkloadKind Kind, string Namespace, string Name)
{
    public override string ToString() => $"{Kind.Name} {Namespace}/{Name}";
}
