using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Serving;

namespace Switchback.Reloader.Options;

/// <summary>How a workload's pod template is changed so that it rolls.</summary>
public enum ReloadStrategy
{
    /// <summary>A variable <c>STAKATER_NAME_CONFIGMAP</c> in a container holds the content's hash.</summary>
    EnvironmentVariables,

    /// <summary>An annotation of the pod template tells what changed.</summary>
    Annotations,
}

/// <summary>What the reloader does, and for whom.</summary>
public sealed record ReloaderOptions
{
    /// <summary>The cluster.</summary>
    public required KubeConfig Cluster { get; init; }

    /// <summary>The names of the annotations.</summary>
    public AnnotationKeys Annotations { get; init; } = new();

    /// <summary>How a pod template is changed.</summary>
    public ReloadStrategy Strategy { get; init; } = ReloadStrategy.EnvironmentVariables;

    /// <summary>Workloads that say nothing are treated as if they said <c>auto: "true"</c>.</summary>
    public bool AutoReloadAll { get; init; }

    /// <summary>A ConfigMap or Secret that appears rolls workloads too.</summary>
    public bool ReloadOnCreate { get; init; }

    /// <summary>A ConfigMap or Secret that vanishes rolls workloads too.</summary>
    public bool ReloadOnDelete { get; init; }

    /// <summary>ConfigMaps are not watched.</summary>
    public bool IgnoreConfigMaps { get; init; }

    /// <summary>Secrets are not watched.</summary>
    public bool IgnoreSecrets { get; init; }

    /// <summary>Jobs are left alone.</summary>
    public bool IgnoreJobs { get; init; }

    /// <summary>CronJobs are left alone.</summary>
    public bool IgnoreCronJobs { get; init; }

    /// <summary>Only these namespaces; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>Never these namespaces.</summary>
    public IReadOnlyList<string> NamespacesToIgnore { get; init; } = [];

    /// <summary>Only namespaces with these labels, as kubectl's <c>-l</c>; null for all.</summary>
    public string? NamespaceSelector { get; init; }

    /// <summary>Only ConfigMaps and Secrets with these labels, as kubectl's <c>-l</c>; null for all.</summary>
    public string? ResourceSelector { get; init; }

    /// <summary>How long further changes are awaited after a first one, so that they come with the same rollout.</summary>
    public TimeSpan SettleWindow { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Instead of rolling anything, this address is told of each change.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>Leader election among several replicas; null for a single one.</summary>
    public LeaseOptions? LeaderElection { get; init; }

    /// <summary>Where <c>/metrics</c>, <c>/live</c> and <c>/ready</c> answer: <c>HOST:PORT</c>, an empty host for every address; null for nowhere.</summary>
    public string? MetricsAddress { get; init; } = ":9090";

    /// <summary>Where log lines go.</summary>
    public required ILoggerFactory Logging { get; init; }

    /// <summary>Called once everything there has been read and changes are being followed.</summary>
    public Action<string>? Ready { get; init; }

    /// <summary>A duration as Go writes it: <c>1h30m</c>, <c>1.5s</c>, <c>300ms</c>; null when the text is none.</summary>
    public static TimeSpan? ParseDuration(string text) => PauseState.ParseDuration(text);

    /// <summary>Whether the text can be a <see cref="MetricsAddress"/>.</summary>
    public static bool IsMetricsAddress(string text) => MetricsServer.TryParse(text, out _);
}
