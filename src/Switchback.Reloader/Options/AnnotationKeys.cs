using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Options;

/// <summary>The annotations that are read and written; each can be renamed by a flag.</summary>
public sealed record AnnotationKeys
{
    /// <summary>On a workload: ConfigMaps by name or pattern, comma-separated.</summary>
    public string ConfigMapReload { get; init; } = "configmap.reloader.stakater.com/reload";

    /// <summary>On a workload: Secrets by name or pattern, comma-separated.</summary>
    public string SecretReload { get; init; } = "secret.reloader.stakater.com/reload";

    /// <summary>On a workload: <c>true</c> for everything it references.</summary>
    public string Auto { get; init; } = "reloader.stakater.com/auto";

    /// <summary>On a workload: <c>true</c> for every ConfigMap it references.</summary>
    public string ConfigMapAuto { get; init; } = "configmap.reloader.stakater.com/auto";

    /// <summary>On a workload: <c>true</c> for every Secret it references.</summary>
    public string SecretAuto { get; init; } = "secret.reloader.stakater.com/auto";

    /// <summary>On a workload: <c>true</c> for what it references and what carries <see cref="Match"/>.</summary>
    public string Search { get; init; } = "reloader.stakater.com/search";

    /// <summary>On a ConfigMap or Secret: <c>true</c> to be found by <see cref="Search"/>.</summary>
    public string Match { get; init; } = "reloader.stakater.com/match";

    /// <summary>On a ConfigMap or Secret: <c>true</c> to be left alone.</summary>
    public string Ignore { get; init; } = "reloader.stakater.com/ignore";

    /// <summary>On a workload: ConfigMaps, exact names, that never roll it.</summary>
    public string ConfigMapExclude { get; init; } = "configmaps.exclude.reloader.stakater.com/reload";

    /// <summary>On a workload: Secrets, exact names, that never roll it.</summary>
    public string SecretExclude { get; init; } = "secrets.exclude.reloader.stakater.com/reload";

    /// <summary>On a Deployment: how long it stays paused after a change, so that further changes come with the same rollout.</summary>
    public string PausePeriod { get; init; } = "deployment.reloader.stakater.com/pause-period";

    /// <summary>On a Deployment: since when it is paused by us.</summary>
    public string PausedAt { get; init; } = "deployment.reloader.stakater.com/paused-at";

    /// <summary>On a pod template, by the strategy <c>annotations</c>: what it was rolled for last.</summary>
    public const string LastReloadedFrom = "reloader.stakater.com/last-reloaded-from";

    /// <summary>On a workload: the hashes its pods are known to run with. Ours; what makes a change during our absence visible.</summary>
    public const string Seen = "switchback.dev/reloader-seen";

    internal string Reload(ResourceKind kind) => kind == ResourceKind.ConfigMap ? ConfigMapReload : SecretReload;

    internal string AutoOf(ResourceKind kind) => kind == ResourceKind.ConfigMap ? ConfigMapAuto : SecretAuto;

    internal string Exclude(ResourceKind kind) => kind == ResourceKind.ConfigMap ? ConfigMapExclude : SecretExclude;
}
