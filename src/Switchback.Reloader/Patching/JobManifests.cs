using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Patching;

/// <summary>The Jobs that stand for a rollout of what cannot roll: a CronJob's extra run, and a Job made anew.</summary>
internal static class JobManifests
{
    private const int LongestPrefix = 52;
    private static readonly string[] ControllerLabels =
        ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

    /// <summary>A run of the CronJob, now, as <c>kubectl create job --from</c> makes it.</summary>
    public static JsonObject RunOf(JsonObject cronJob)
    {
        var job = ResourceNames.Jobs.NewObject("", cronJob.Namespace);
        var metadata = job.Ensure("metadata");
        metadata.Remove("name");
        metadata["generateName"] = (cronJob.Name.Length > LongestPrefix ? cronJob.Name[..LongestPrefix] : cronJob.Name) + "-";
        if (cronJob.Object("spec", "jobTemplate", "metadata", "labels") is { } labels)
        {
            metadata["labels"] = labels.DeepClone();
        }

        var annotations = job.Ensure("metadata", "annotations");
        foreach (var (key, value) in cronJob.Pairs("spec", "jobTemplate", "metadata", "annotations"))
        {
            annotations[key] = value;
        }

        annotations["cronjob.kubernetes.io/instantiate"] = "manual";
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = ResourceNames.CronJobs.ApiVersion,
            ["kind"] = ResourceNames.CronJobs.Kind,
            ["name"] = cronJob.Name,
            ["uid"] = cronJob.Uid,
            ["controller"] = true,
        });
        job["spec"] = cronJob.Object("spec", "jobTemplate", "spec")?.DeepClone() ?? new JsonObject();
        return job;
    }

    /// <summary>The Job as its author wrote it, without what the API server and the job controller added.</summary>
    public static JsonObject Anew(JsonObject job)
    {
        var fresh = ResourceNames.Jobs.NewObject(job.Name, job.Namespace);
        foreach (var field in (string[])["labels", "annotations"])
        {
            if (job.Object("metadata", field) is { } map)
            {
                fresh.Ensure("metadata")[field] = map.DeepClone();
            }
        }

        fresh["spec"] = job.Object("spec")?.DeepClone() ?? new JsonObject();
        fresh.Object("spec")?.Remove("selector");
        foreach (var label in ControllerLabels)
        {
            fresh.Object("metadata", "labels")?.Remove(label);
            fresh.Object([.. WorkloadKind.Job.TemplatePath, "metadata", "labels"])?.Remove(label);
        }

        return fresh;
    }
}
