using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;
using Switchback.Reloader.Patching;

namespace Switchback.Reloader.Rolling;

/// <summary>Does to a workload what an evaluation asks for. One attempt; what fails is thrown.</summary>
internal sealed class WorkloadRoller(KubernetesClient client, ReloaderOptions options, ILogger log)
{
    private const int RecreateAttempts = 60;

    /// <summary>One patch, for the version that the view is of.</summary>
    /// <exception cref="KubernetesException">409 when there is another version by now.</exception>
    public Task PatchAsync(WorkloadView view, Evaluation evaluation, CancellationToken cancellation)
    {
        var (kind, ns, name) = view.Key;
        return client.PatchAsync(kind.Resource, ns, name, RollPatch.Build(view, evaluation, options, DateTimeOffset.UtcNow), PatchType.Strategic, cancellation);
    }

    /// <summary>What is done to a workload that no patch rolls: a Job, a CronJob.</summary>
    public async Task RunAgainAsync(WorkloadView view, JsonObject workload, Evaluation evaluation, CancellationToken cancellation)
    {
        var kind = view.Key.Kind;
        if (evaluation.Changes.Count > 0 && kind.Method == RollMethod.Recreate)
        {
            await RecreateAsync(view, workload, evaluation, cancellation);
            return;
        }

        if (evaluation.Changes.Count > 0 && kind.Method == RollMethod.StartJob)
        {
            // The run first: should we end in between, it runs twice rather than never.
            await client.CreateAsync(ResourceNames.Jobs, JobManifests.RunOf(workload), cancellation);
        }

        await RememberAsync(view, evaluation, cancellation);
    }

    // stakater's role does not let us change Jobs and CronJobs: then the marks last as long as we do.
    private async Task RememberAsync(WorkloadView view, Evaluation evaluation, CancellationToken cancellation)
    {
        try
        {
            var marksOnly = evaluation with { Changes = [] };
            var patch = RollPatch.Build(view, marksOnly, options, DateTimeOffset.UtcNow);
            patch.Ensure("metadata").Remove("resourceVersion");
            await client.PatchAsync(view.Key.Kind.Resource, view.Key.Namespace, view.Key.Name, patch, PatchType.Merge, cancellation);
        }
        catch (KubernetesException refused) when (refused.Code == 403)
        {
            Log.NotRemembered(log, view.Key.ToString(), refused.Message);
        }
    }

    private async Task RecreateAsync(WorkloadView view, JsonObject job, Evaluation evaluation, CancellationToken cancellation)
    {
        var anew = JobManifests.Anew(job);
        anew.Ensure("metadata", "annotations")[AnnotationKeys.Seen] = Marking.Marks.Write(evaluation.Marks);
        var change = new JsonObject();
        RollPatch.Template(change, view, evaluation, options, DateTimeOffset.UtcNow);
        TemplateMerge.Into(anew.Ensure(WorkloadKind.Job.TemplatePath), change);
        await client.DeleteAsync(ResourceNames.Jobs, view.Key.Namespace, view.Key.Name, cancellation);
        await CreateUntilItWorksAsync(anew, cancellation);
    }

    // Between deleting and creating there is no Job to come back to: this is not left to a later attempt.
    private async Task CreateUntilItWorksAsync(JsonObject job, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await client.CreateAsync(ResourceNames.Jobs, job, cancellation);
                return;
            }
            catch (Exception failure) when (attempt < RecreateAttempts && IsWorthRetrying(failure))
            {
                // 409 while the old one is still being deleted.
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(100 * attempt, 2000)), cancellation);
            }
        }
    }

    private static bool IsWorthRetrying(Exception failure) =>
        failure is HttpRequestException or TimeoutException or KubernetesException { IsConflict: true } or KubernetesException { IsTransient: true };
}
