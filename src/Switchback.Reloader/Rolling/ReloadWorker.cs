using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Leading;
using Switchback.Reloader.Options;
using Switchback.Reloader.Patching;
using Switchback.Reloader.Serving;

namespace Switchback.Reloader.Rolling;

/// <summary>Takes workloads that are due, reads each afresh, and rolls it when it still has to be.</summary>
internal sealed class ReloadWorker(
    KubernetesClient client, ReloaderOptions options, ReloadEngine engine, ILeadership leadership, ReloaderMetrics metrics, EventRecorder events, ILogger log)
{
    private const int ImmediateAttempts = 5;
    private readonly WorkloadRoller roller = new(client, options, log);

    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
        engine.Queue.RunAsync(key => HandleAsync(key, cancellation), cancellation),
        engine.Resuming.RunAsync(key => ResumeAsync(key, cancellation), cancellation));

    private async Task HandleAsync(WorkloadKey key, CancellationToken cancellation)
    {
        if (!leadership.IsLeader)
        {
            // Whoever leads does it; should we become the leader, everything is looked at anew.
            metrics.Skipped("not_leader");
            return;
        }

        var began = TimeProvider.System.GetTimestamp();
        try
        {
            var result = await RollAsync(key, cancellation);
            metrics.Reconciled(result, TimeProvider.System.GetElapsedTime(began));
            ShortLivedMemory.Collect();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure) when (failure is KubernetesException or HttpRequestException or TimeoutException or KubeConfigException or IOException)
        {
            metrics.Reconciled("error", TimeProvider.System.GetElapsedTime(began));
            Report(key, failure);
        }
    }

    private async Task<string> RollAsync(WorkloadKey key, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            // The version last seen is mostly the present one, and the patch is for that version or none: only after a conflict it is read afresh.
            var patched = key.Kind.Method == RollMethod.Patch;
            var workload = patched && attempt == 1 ? null : await client.GetAsync(key.Kind.Resource, key.Namespace, key.Name, cancellation);
            if (workload is null && !(patched && attempt == 1))
            {
                engine.WorkloadRemoved(key);
                return "gone";
            }

            if ((workload is null ? engine.Look(key) : engine.Look(key.Kind, workload)) is not { } look)
            {
                return "not_concerned";
            }

            var (view, evaluation, tracked) = look;
            if (evaluation.NeedsNothing)
            {
                engine.Settled(tracked, evaluation);
                return "unchanged";
            }

            try
            {
                await (workload is null || patched
                    ? roller.PatchAsync(view, evaluation, cancellation)
                    : roller.RunAgainAsync(view, workload, evaluation, cancellation));
            }
            catch (KubernetesException conflict) when (conflict.IsConflict && attempt < ImmediateAttempts)
            {
                metrics.Retried();
                continue;
            }
            catch (KubernetesException gone) when (gone.IsNotFound)
            {
                engine.WorkloadRemoved(key);
                return "gone";
            }

            var changedAt = tracked.ChangedAt;
            engine.Settled(tracked, evaluation);
            if (evaluation.Changes.Count == 0)
            {
                Log.Remembering(log, key.ToString());
                return "remembered";
            }

            Announce(view, evaluation.Changes, changedAt);
            return "success";
        }
    }

    private void Announce(WorkloadView view, IReadOnlyList<Change> changes, long? changedAt)
    {
        var key = view.Key;
        var named = string.Join(", ", changes.Select(change => $"'{change.Resource.Name}' of type '{change.Resource.Kind.Marker}'"));
        Log.Rolled(log, named, key.Namespace, key.Name, key.Kind.Name, key.Namespace);
        metrics.Reloaded(key.Kind.Name, key.Namespace, success: true, changedAt is { } since ? TimeProvider.System.GetElapsedTime(since) : TimeSpan.Zero);
        events.Record(
            key,
            view.Uid,
            "Normal",
            "Reloaded",
            $"Changes detected in {named} in namespace '{key.Namespace}', Updated '{key.Name}' of type '{key.Kind.Name}' in namespace '{key.Namespace}'");
    }

    private void Report(WorkloadKey key, Exception failure)
    {
        var pause = engine.Failed(key);
        metrics.Error(failure is KubernetesException { Reason.Length: > 0 } refused ? refused.Reason : failure.GetType().Name);
        metrics.Retried();
        metrics.Reloaded(key.Kind.Name, key.Namespace, success: false, TimeSpan.Zero);
        Log.RollFailed(log, key.Name, key.Kind.Name, key.Namespace, pause, failure.Message);
        events.Record(
            key,
            null,
            "Warning",
            "ReloadFail",
            $"Update for '{key.Name}' of type '{key.Kind.Name}' in namespace '{key.Namespace}' failed with error {failure.Message}");
    }

    private async Task ResumeAsync(WorkloadKey key, CancellationToken cancellation)
    {
        if (!leadership.IsLeader)
        {
            // The pause has to end even if the leader changes meanwhile.
            engine.Resuming.Add(key, TimeSpan.FromSeconds(1));
            return;
        }

        try
        {
            var workload = await client.GetAsync(key.Kind.Resource, key.Namespace, key.Name, cancellation);
            if (workload is null || PauseState.Read(key.Kind, workload, options.Annotations).ResumeAt is not { } at)
            {
                return;
            }

            if (at - DateTimeOffset.UtcNow is var left && left > TimeSpan.Zero)
            {
                engine.Resuming.Add(key, left);
                return;
            }

            await client.PatchAsync(
                key.Kind.Resource, key.Namespace, key.Name, RollPatch.Resume(workload, options.Annotations), PatchType.Strategic, cancellation);
            Log.Resumed(log, key.Name, key.Namespace);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure) when (failure is KubernetesException or HttpRequestException or TimeoutException or KubeConfigException or IOException)
        {
            var pause = failure is KubernetesException { IsConflict: true } ? TimeSpan.FromMilliseconds(20) : TimeSpan.FromSeconds(1);
            engine.Resuming.Add(key, pause);
            if (failure is not KubernetesException { IsConflict: true })
            {
                Log.RollFailed(log, key.Name, key.Kind.Name, key.Namespace, pause, failure.Message);
            }
        }
    }
}
