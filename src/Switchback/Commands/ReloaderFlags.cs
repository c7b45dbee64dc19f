using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Switchback.Kubernetes;
using Switchback.Reloader.Options;

namespace Switchback.Commands;

/// <summary>The flags of stakater/Reloader, and a few of ours.</summary>
internal sealed class ReloaderFlags
{
    private readonly List<Option> all = [];
    private readonly List<(Option<string> Option, Func<AnnotationKeys, string, AnnotationKeys> Set)> keys = [];
    private readonly Option<bool> autoReloadAll;
    private readonly Option<string> strategy;
    private readonly Option<bool> onCreate;
    private readonly Option<bool> onDelete;
    private readonly Option<bool> argo;
    private readonly Option<bool> highAvailability;
    private readonly Option<string> leaseName;
    private readonly Option<string?> leaseNamespace;
    private readonly Option<string> leaseDuration;
    private readonly Option<string> renewDeadline;
    private readonly Option<string> retryPeriod;
    private readonly Option<string?> webhook;
    private readonly Option<string> logFormat;
    private readonly Option<string> logLevel;
    private readonly Option<string[]> resourcesToIgnore;
    private readonly Option<string[]> ignoredWorkloads;
    private readonly Option<string[]> namespaces;
    private readonly Option<string[]> namespacesToIgnore;
    private readonly Option<string[]> namespaceSelector;
    private readonly Option<string[]> resourceSelector;
    private readonly Option<string> settleWindow;
    private readonly Option<string> metricsAddress;
    private readonly Option<string?> kubeconfig;
    private readonly Option<string?> context;

    public ReloaderFlags()
    {
        autoReloadAll = Flag("--auto-reload-all", "Roll every workload for what it references, unless it says auto: \"false\".");
        strategy = Text("--reload-strategy", "env-vars", "How a pod template is changed: env-vars (a variable STAKATER_NAME_CONFIGMAP) or annotations.");
        onCreate = Flag("--reload-on-create", "Roll for ConfigMaps and Secrets that appear, too.");
        onDelete = Flag("--reload-on-delete", "Roll for ConfigMaps and Secrets that vanish, too.");
        Flag("--sync-after-restart", "Accepted and not needed: what changed during an absence is always noticed.");
        resourcesToIgnore = List("--resources-to-ignore", "Do not watch these: configMaps or secrets.");
        ignoredWorkloads = List("--ignored-workload-types", "Leave these alone: jobs, cronjobs.");
        namespaces = List("--namespaces", "Only these namespaces. Environment KUBERNETES_NAMESPACE names a single one.");
        namespacesToIgnore = List("--namespaces-to-ignore", "Never these namespaces.");
        namespaceSelector = List("--namespace-selector", "Only namespaces with these labels: key:value, key:* or as kubectl's -l.");
        resourceSelector = List("--resource-label-selector", "Only ConfigMaps and Secrets with these labels: key:value, key:* or as kubectl's -l.");
        settleWindow = Text("--settle-window", "1s", "How long further changes are awaited after a first one, to come with the same rollout.");
        webhook = Optional("--webhook-url", "Call this address on a change instead of rolling anything.");
        highAvailability = Flag("--enable-ha", "Several replicas, one of which leads, by the Lease stakater-reloader-lock.");
        leaseName = Text("--leader-election-id", "stakater-reloader-lock", "The name of the Lease.");
        leaseNamespace = Optional("--leader-election-namespace", "The Lease's namespace; otherwise POD_NAMESPACE or the one of the service account.");
        leaseDuration = Text("--leader-election-lease-duration", "15s", "How long others wait for a leader that fell silent.");
        renewDeadline = Text("--leader-election-renew-deadline", "10s", "When a leader that cannot renew steps down; less than the lease duration.");
        retryPeriod = Text("--leader-election-retry-period", "2s", "The pause between attempts; less than the renew deadline.");
        metricsAddress = Text("--metrics-addr", ":9090", "Where /metrics, /live and /ready answer: HOST:PORT, :PORT for every address. Environment METRICS_ADDR, or METRICS_PORT for the port alone.");
        metricsAddress.Aliases.Add("--metrics-listen-address");
        logFormat = Text("--log-format", "", "json, or empty for text.");
        logLevel = Text("--log-level", "info", "trace, debug, info, warning, error, fatal or panic.");
        kubeconfig = Optional("--kubeconfig", "A kubeconfig; otherwise KUBECONFIG, the pod's service account, ~/.kube/config.");
        context = Optional("--context", "A context of the kubeconfig; otherwise its current one.");
        var defaults = new AnnotationKeys();
        Key("--configmap-annotation", defaults.ConfigMapReload, (found, key) => found with { ConfigMapReload = key });
        Key("--secret-annotation", defaults.SecretReload, (found, key) => found with { SecretReload = key });
        Key("--auto-annotation", defaults.Auto, (found, key) => found with { Auto = key });
        Key("--configmap-auto-annotation", defaults.ConfigMapAuto, (found, key) => found with { ConfigMapAuto = key });
        Key("--secret-auto-annotation", defaults.SecretAuto, (found, key) => found with { SecretAuto = key });
        Key("--auto-search-annotation", defaults.Search, (found, key) => found with { Search = key });
        Key("--search-match-annotation", defaults.Match, (found, key) => found with { Match = key });
        Key("--ignore-annotation", defaults.Ignore, (found, key) => found with { Ignore = key });
        Key("--configmap-exclude-annotation", defaults.ConfigMapExclude, (found, key) => found with { ConfigMapExclude = key });
        Key("--secret-exclude-annotation", defaults.SecretExclude, (found, key) => found with { SecretExclude = key });
        Key("--pause-deployment-annotation", defaults.PausePeriod, (found, key) => found with { PausePeriod = key });
        Key("--pause-deployment-time-annotation", defaults.PausedAt, (found, key) => found with { PausedAt = key });
        argo = Flag("--is-Argo-Rollouts", "Accepted as false; Argo Rollouts are not supported.");
    }

    public void AddTo(Command command) => all.ForEach(command.Options.Add);

    public LogLevel Level(ParseResult parsed, List<string> errors)
    {
        switch (parsed.GetValue(logLevel))
        {
            case "trace": return LogLevel.Trace;
            case "debug": return LogLevel.Debug;
            case "info" or "": return LogLevel.Information;
            case "warning" or "warn": return LogLevel.Warning;
            case "error": return LogLevel.Error;
            case "fatal" or "panic": return LogLevel.Critical;
            default:
                errors.Add($"--log-level must be trace, debug, info, warning, error, fatal or panic, not \"{parsed.GetValue(logLevel)}\"");
                return LogLevel.Information;
        }
    }

    public bool IsJson(ParseResult parsed, List<string> errors)
    {
        var format = parsed.GetValue(logFormat) ?? "";
        if (format is not ("" or "json" or "text"))
        {
            errors.Add($"--log-format must be json or empty, not \"{format}\"");
        }

        return format == "json";
    }

    /// <summary>The options these flags and the environment ask for; everything that is wrong is added to <paramref name="errors"/>.</summary>
    public ReloaderOptions? Bind(ParseResult parsed, ILoggerFactory logging, List<string> errors)
    {
        var ignoredKinds = Values(parsed, resourcesToIgnore);
        var ignoredTypes = Values(parsed, ignoredWorkloads);
        Check(ignoredKinds, kind => kind is "configmaps" or "secrets", "--resources-to-ignore takes configMaps or secrets", errors);
        Check(ignoredTypes, type => type is "jobs" or "cronjobs", "--ignored-workload-types takes jobs and cronjobs", errors);
        if (ignoredKinds.Distinct(StringComparer.OrdinalIgnoreCase).Count() > 1)
        {
            errors.Add("--resources-to-ignore takes configMaps or secrets, not both: nothing would be left to watch");
        }

        var how = parsed.GetValue(strategy);
        if (how is not ("env-vars" or "annotations"))
        {
            errors.Add($"--reload-strategy must be env-vars or annotations, not \"{how}\"");
        }

        if (parsed.GetValue(argo))
        {
            errors.Add("--is-Argo-Rollouts: Argo Rollouts are not supported");
        }

        Uri? hook = null;
        if (parsed.GetValue(webhook) is { Length: > 0 } address && (!Uri.TryCreate(address, UriKind.Absolute, out hook) || hook.Scheme is not ("http" or "https")))
        {
            errors.Add($"--webhook-url must be an http or https address, not \"{address}\"");
        }

        var metrics = parsed.GetResult(metricsAddress) is { Implicit: true } ? AddressFromEnvironment() ?? parsed.GetValue(metricsAddress)! : parsed.GetValue(metricsAddress)!;
        if (!ReloaderOptions.IsMetricsAddress(metrics))
        {
            errors.Add($"--metrics-addr must be HOST:PORT with an IP address, or :PORT, not \"{metrics}\"");
        }

        var window = Duration(parsed, settleWindow, errors);
        var cluster = Cluster(parsed, errors);
        var election = parsed.GetValue(highAvailability) ? Election(parsed, cluster, errors) : null;
        return cluster is null ? null : new ReloaderOptions
        {
            Cluster = cluster,
            Logging = logging,
            Annotations = keys.Aggregate(new AnnotationKeys(), (found, key) => key.Set(found, parsed.GetValue(key.Option)!)),
            Strategy = how == "annotations" ? ReloadStrategy.Annotations : ReloadStrategy.EnvironmentVariables,
            AutoReloadAll = parsed.GetValue(autoReloadAll),
            ReloadOnCreate = parsed.GetValue(onCreate),
            ReloadOnDelete = parsed.GetValue(onDelete),
            IgnoreConfigMaps = ignoredKinds.Contains("configmaps", StringComparer.OrdinalIgnoreCase),
            IgnoreSecrets = ignoredKinds.Contains("secrets", StringComparer.OrdinalIgnoreCase),
            IgnoreJobs = ignoredTypes.Contains("jobs", StringComparer.OrdinalIgnoreCase),
            IgnoreCronJobs = ignoredTypes.Contains("cronjobs", StringComparer.OrdinalIgnoreCase),
            Namespaces = Namespaces(parsed),
            NamespacesToIgnore = Values(parsed, namespacesToIgnore),
            NamespaceSelector = Selector(Values(parsed, namespaceSelector)),
            ResourceSelector = Selector(Values(parsed, resourceSelector)),
            SettleWindow = window,
            Webhook = hook,
            LeaderElection = election,
            MetricsAddress = metrics,
            Ready = where => Console.Out.WriteLine($"ready: {where}"),
        };
    }

    // Where pods share one network a port of its own is given to each: METRICS_PORT.
    private static string? AddressFromEnvironment() =>
        Environment.GetEnvironmentVariable("METRICS_ADDR") is { Length: > 0 } address ? address
        : Environment.GetEnvironmentVariable("METRICS_PORT") is { Length: > 0 } port ? $":{port}"
        : null;

    private static string[] Values(ParseResult parsed, Option<string[]> option) =>
        [.. (parsed.GetValue(option) ?? []).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    private static void Check(string[] values, Func<string, bool> isKnown, string message, List<string> errors) =>
        errors.AddRange(values.Where(value => !isKnown(value.ToLowerInvariant())).Select(value => $"{message}, not \"{value}\""));

    // stakater's spelling of selectors: key:value, and key:* for any value.
    private static string? Selector(string[] parts) => parts.Length == 0 ? null : string.Join(',', parts.Select(part => part.Split(':', 2) switch
    {
        [var key, "*"] => key,
        [var key, var value] => $"{key}={value}",
        _ => part,
    }));

    private static TimeSpan Duration(ParseResult parsed, Option<string> option, List<string> errors)
    {
        var text = parsed.GetValue(option)!;
        if (ReloaderOptions.ParseDuration(text) is { } duration)
        {
            return duration;
        }

        errors.Add($"{option.Name} must be a duration such as 500ms, 1s or 2m, not \"{text}\"");
        return TimeSpan.Zero;
    }

    private string[] Namespaces(ParseResult parsed)
    {
        var named = Values(parsed, namespaces);
        return named.Length == 0 && Environment.GetEnvironmentVariable("KUBERNETES_NAMESPACE") is { Length: > 0 } single ? [single] : named;
    }

    private KubeConfig? Cluster(ParseResult parsed, List<string> errors)
    {
        try
        {
            return KubeConfig.Load(parsed.GetValue(kubeconfig), parsed.GetValue(context));
        }
        catch (KubeConfigException failure)
        {
            errors.Add(failure.Message);
            return null;
        }
    }

    private LeaseOptions Election(ParseResult parsed, KubeConfig? cluster, List<string> errors)
    {
        var pod = Environment.GetEnvironmentVariable("POD_NAME") ?? Environment.MachineName;
        var ns = parsed.GetValue(leaseNamespace) ?? Environment.GetEnvironmentVariable("POD_NAMESPACE") ?? cluster?.Namespace ?? "default";
        var lease = new LeaseOptions(parsed.GetValue(leaseName)!, ns, string.Create(CultureInfo.InvariantCulture, $"{pod}_{Guid.NewGuid()}"))
        {
            Duration = Duration(parsed, leaseDuration, errors),
            RenewDeadline = Duration(parsed, renewDeadline, errors),
            RetryPeriod = Duration(parsed, retryPeriod, errors),
        };
        if (!(lease.Duration > lease.RenewDeadline && lease.RenewDeadline > lease.RetryPeriod && lease.RetryPeriod > TimeSpan.Zero))
        {
            errors.Add("--leader-election-lease-duration must be more than -renew-deadline, and that more than -retry-period");
        }

        return lease;
    }

    private Option<bool> Flag(string name, string description) => Add(new Option<bool>(name) { Description = description });

    private Option<string> Text(string name, string preset, string description) =>
        Add(new Option<string>(name) { Description = description, DefaultValueFactory = _ => preset });

    private Option<string?> Optional(string name, string description) => Add(new Option<string?>(name) { Description = description });

    private Option<string[]> List(string name, string description) => Add(new Option<string[]>(name) { Description = $"{description} Comma-separated." });

    private void Key(string name, string preset, Func<AnnotationKeys, string, AnnotationKeys> set) =>
        keys.Add((Text(name, preset, "The key of this annotation."), set));

    private TOption Add<TOption>(TOption option)
        where TOption : Option
    {
        all.Add(option);
        return option;
    }
}
