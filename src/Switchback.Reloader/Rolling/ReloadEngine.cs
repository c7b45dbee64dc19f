using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Rolling;

/// <summary>
/// What is known of the cluster, and what follows from it. News from the watches comes in (from any thread); workloads whose pods run with something
/// else than what is there go to a queue, wait for the settle window and are looked at afresh before anything is done to them.
/// </summary>
internal sealed class ReloadEngine : IResourceNews, IDisposable
{
    private readonly Lock gate = new();
    private readonly ReloaderOptions options;
    private readonly ChangePolicy policy;
    private readonly TimeProvider time = TimeProvider.System;
    private readonly ResourceIndex resources;
    private readonly NamespaceScope scope;
    private readonly WorkloadIndex workloads = new();
    private readonly Complaints complaints;

    public ReloadEngine(ReloaderOptions options, Complaints complaints, int parallelism)
    {
        this.options = options;
        this.complaints = complaints;
        policy = new ChangePolicy(options.ReloadOnCreate, options.ReloadOnDelete);
        resources = new ResourceIndex(options.Annotations, time);
        scope = new NamespaceScope(options);
        Queue = new DueQueue<WorkloadKey>(time, parallelism);
        Resuming = new DueQueue<WorkloadKey>(time, parallelism: 2);
    }

    /// <summary>Workloads to look at.</summary>
    public DueQueue<WorkloadKey> Queue { get; }

    /// <summary>Deployments whose pause ends.</summary>
    public DueQueue<WorkloadKey> Resuming { get; }

    public void Dispose()
    {
        Queue.Dispose();
        Resuming.Dispose();
    }

    public ChangeType? ResourceChanged(ResourceKind kind, JsonObject resource)
    {
        lock (gate)
        {
            var change = resources.Set(kind, resource);
            if (change is not null)
            {
                ConsiderAllThatMention(resource.Namespace, new ResourceRef(kind, resource.Name));
            }

            return change;
        }
    }

    public bool ResourceRemoved(string ns, ResourceRef resource)
    {
        lock (gate)
        {
            var removed = resources.Remove(ns, resource);
            if (removed)
            {
                ConsiderAllThatMention(ns, resource);
            }

            return removed;
        }
    }

    public void ResourcesSynchronized(ResourceKind kind, string? ns)
    {
        lock (gate)
        {
            resources.Synchronized(kind, ns ?? "");
        }

        ConsiderEverything();
    }

    public void NamespaceSelected(string ns, bool selected)
    {
        lock (gate)
        {
            if (selected)
            {
                scope.Select(ns);
            }
            else
            {
                scope.Deselect(ns);
            }

            foreach (var tracked in workloads.InNamespace(ns))
            {
                Consider(tracked);
            }
        }
    }

    public void WorkloadChanged(WorkloadKind kind, JsonObject workload)
    {
        // A CronJob's own Jobs come and go with it.
        if (kind == WorkloadKind.Job && workload.Items("metadata", "ownerReferences").Any(owner => owner.Flag("controller")))
        {
            return;
        }

        lock (gate)
        {
            Track(WorkloadView.Read(kind, workload, options.Annotations, options.AutoReloadAll));
        }
    }

    public void WorkloadRemoved(WorkloadKey key)
    {
        lock (gate)
        {
            workloads.Remove(key);
        }
    }

    /// <summary>Looks at everything anew: after a list, or as a new leader.</summary>
    public void ConsiderEverything()
    {
        lock (gate)
        {
            foreach (var tracked in workloads.All)
            {
                Consider(tracked);
            }
        }
    }

    /// <summary>What a workload needs in the version last seen; null when it is no longer any of our business.</summary>
    public (WorkloadView View, Evaluation Evaluation, TrackedWorkload Tracked)? Look(WorkloadKey key)
    {
        lock (gate)
        {
            return workloads.Find(key) is { } tracked && scope.Includes(key.Namespace) ? (tracked.View, Evaluate(tracked.View, tracked), tracked) : null;
        }
    }

    /// <summary>What a workload just read needs; null when it is no longer any of our business.</summary>
    public (WorkloadView View, Evaluation Evaluation, TrackedWorkload Tracked)? Look(WorkloadKind kind, JsonObject workload)
    {
        lock (gate)
        {
            var view = WorkloadView.Read(kind, workload, options.Annotations, options.AutoReloadAll);
            return workloads.Find(view.Key) is { } tracked && scope.Includes(view.Key.Namespace) ? (view, Evaluate(view, tracked), tracked) : null;
        }
    }

    /// <summary>The workload is as the evaluation wants it: from now on this is what its pods run with.</summary>
    public void Settled(TrackedWorkload tracked, Evaluation evaluation)
    {
        lock (gate)
        {
            tracked.Baseline = evaluation.Marks;
            tracked.Failures = 0;
            tracked.ChangedAt = null;
        }
    }

    /// <summary>Counts a failed attempt and answers how long to wait before the next: it never gives up.</summary>
    public TimeSpan Failed(WorkloadKey key)
    {
        lock (gate)
        {
            var failures = workloads.Find(key) is { } tracked ? tracked.Failures++ : 0;
            var pause = TimeSpan.FromMilliseconds(Math.Min(100 * Math.Pow(2, Math.Min(failures, 16)), 15_000));
            Queue.Add(key, pause);
            return pause;
        }
    }

    private Evaluation Evaluate(WorkloadView view, TrackedWorkload tracked) =>
        Evaluation.Of(view, tracked.Baseline, tracked.Since, resources, policy);

    private void Track(WorkloadView view)
    {
        if (!view.IsOfInterest)
        {
            WorkloadRemoved(view.Key);
            return;
        }

        var tracked = workloads.Find(view.Key) is { } known && known.View.Uid == view.Uid ? known : new TrackedWorkload(view, time.GetTimestamp());
        workloads.Set(tracked, view);
        complaints.Report(tracked);
        if (view.Pause.ResumeAt is { } at)
        {
            var left = at - DateTimeOffset.UtcNow;
            Resuming.Add(view.Key, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        Consider(tracked);
    }

    private void ConsiderAllThatMention(string ns, ResourceRef resource)
    {
        foreach (var tracked in workloads.Mentioning(ns, resource))
        {
            Consider(tracked);
        }
    }

    private void Consider(TrackedWorkload tracked)
    {
        if (!scope.Includes(tracked.View.Key.Namespace))
        {
            return;
        }

        var evaluation = Evaluate(tracked.View, tracked);

        // Where the workload's own marks tell it all, they are not kept twice.
        tracked.Baseline = evaluation.NeedsNothing ? tracked.View.Marks.Seen : evaluation.Known;
        if (evaluation.Changes.Count > 0 && tracked.ChangedAt is null)
        {
            // The first change opens the window; that marks were to be written before does not shorten it.
            tracked.ChangedAt = time.GetTimestamp();
            Queue.Reschedule(tracked.View.Key, options.SettleWindow);
        }
        else if (!evaluation.NeedsNothing)
        {
            Queue.Add(tracked.View.Key, options.SettleWindow);
        }
    }
}
