using System.Globalization;
using System.Text;

namespace Switchback.Reloader.Serving;

/// <summary>The metrics of stakater/Reloader, under their names.</summary>
internal sealed class ReloaderMetrics
{
    private static readonly double[] ReconcileBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] ActionBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Counter reloads = new("reloader_reload_executed_total", "Counter of reloads executed by Reloader.", "counter", "success");

    private readonly Counter reloadsByNamespace = new(
        "reloader_reload_executed_total_by_namespace", "Counter of reloads executed by Reloader by namespace.", "counter", "success", "namespace");

    private readonly Histogram reconcile = new(
        "reloader_reconcile_duration_seconds", "Time spent on one workload in seconds.", ReconcileBuckets, "result");

    private readonly Counter actions = new(
        "reloader_action_total", "Total number of reload actions by workload kind and result.", "counter", "workload_kind", "result");

    private readonly Histogram actionLatency = new(
        "reloader_action_latency_seconds", "Time from event received to action applied in seconds.", ActionBuckets, "workload_kind");

    private readonly Counter skipped = new("reloader_skipped_total", "Total number of skipped operations by reason.", "counter", "reason");
    private readonly Counter errors = new("reloader_errors_total", "Total number of errors by type.", "counter", "type");
    private readonly Counter retries = new("reloader_retries_total", "Total number of retry attempts.", "counter");

    private readonly Counter events = new(
        "reloader_events_received_total", "Total number of events received by type and resource.", "counter", "event_type", "resource_type");

    public ReloaderMetrics()
    {
        reloads.Add(0, "true");
        reloads.Add(0, "false");
        retries.Add(0);
    }

    /// <summary>Answers how many workloads wait to be looked at.</summary>
    public Func<int> QueueDepth { get; set; } = () => 0;

    public void Reloaded(string kind, string ns, bool success, TimeSpan latency)
    {
        reloads.Increment(success ? "true" : "false");
        reloadsByNamespace.Increment(success ? "true" : "false", ns);
        actions.Increment(kind, success ? "success" : "error");
        actionLatency.Observe(latency, kind);
    }

    public void Reconciled(string result, TimeSpan duration) => reconcile.Observe(duration, result);

    public void Skipped(string reason) => skipped.Increment(reason);

    public void Error(string type) => errors.Increment(type);

    public void Retried() => retries.Increment();

    public void EventReceived(string eventType, string resourceType) => events.Increment(eventType, resourceType);

    public string Write()
    {
        var text = new StringBuilder();
        reloads.Write(text);
        reloadsByNamespace.Write(text);
        reconcile.Write(text);
        actions.Write(text);
        actionLatency.Write(text);
        skipped.Write(text);
        errors.Write(text);
        retries.Write(text);
        events.Write(text);
        text.Append("# HELP reloader_workqueue_depth Current depth of the work queue.\n# TYPE reloader_workqueue_depth gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"reloader_workqueue_depth {QueueDepth()}\n");
        return text.ToString();
    }
}
