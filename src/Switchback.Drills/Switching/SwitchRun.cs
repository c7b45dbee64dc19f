using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;

namespace Switchback.Drills.Switching;

/// <summary>
/// The failover or failback of one kind of client, as a person does it: the ConfigMap is applied, and the rollout that a reloader makes of it is watched until every
/// client runs with it. Nothing but the ConfigMap is changed.
/// </summary>
public sealed class SwitchRun(KubernetesClient kubernetes, TextWriter output)
{
    private static readonly TimeSpan Suspicious = TimeSpan.FromSeconds(20);
    private readonly long started = TimeProvider.System.GetTimestamp();

    /// <summary>Applies and watches; false when not everything had rolled within <paramref name="within"/>.</summary>
    /// <param name="configMap">The new values.</param>
    /// <param name="file">The file they are from, for the command that does the same by hand.</param>
    /// <param name="within">How long the rollouts may take.</param>
    /// <param name="cancellation">Ends the watching; what was applied stays.</param>
    public async Task<bool> RunAsync(JsonObject configMap, string file, TimeSpan within, CancellationToken cancellation)
    {
        var ns = configMap.Namespace is { Length: > 0 } own ? own : kubernetes.Config.Namespace;
        var concerned = (await kubernetes.ListAsync(ResourceNames.Deployments, new Selection(ns), cancellation))
            .Where(deployment => Concerns(deployment, configMap.Name))
            .ToDictionary(deployment => deployment.Name, RolloutState.Of);
        await output.WriteLineAsync($"$ kubectl apply -f {file}");
        var applied = await kubernetes.ApplyAsync(configMap, cancellation);
        Say($"configmap/{configMap.Name} in {ns} {applied.Outcome.ToString().ToLowerInvariant()}");
        if (concerned.Count == 0)
        {
            Say($"no Deployment in {ns} uses it: nothing has to roll");
            return true;
        }

        if (applied.Outcome == ApplyOutcome.Unchanged)
        {
            Say($"{string.Join(" and ", concerned.Keys)} had these values before: nothing has to roll");
            return true;
        }

        foreach (var name in concerned.Keys)
        {
            await output.WriteLineAsync($"$ kubectl rollout status -n {ns} deployment/{name}");
        }

        return await WatchAsync(ns, concerned, within, cancellation);
    }

    /// <summary>Whether a change of this ConfigMap has to roll the Deployment: its annotation names it, or its containers use it and it asks for that.</summary>
    internal static bool Concerns(JsonObject deployment, string configMap)
    {
        var named = deployment.Annotation("configmap.reloader.stakater.com/reload")
            ?? deployment.Text("spec", "template", "metadata", "annotations", "configmap.reloader.stakater.com/reload");
        if (named is not null)
        {
            return named.Split(',', StringSplitOptions.TrimEntries).Contains(configMap);
        }

        var template = deployment.Object("spec", "template", "spec") ?? [];
        return template.Items("volumes").Any(volume => volume.Text("configMap", "name") == configMap)
            || template.Items("containers").Any(container =>
                container.Items("envFrom").Any(source => source.Text("configMapRef", "name") == configMap)
                || container.Items("env").Any(variable => variable.Text("valueFrom", "configMapKeyRef", "name") == configMap));
    }

    private async Task<bool> WatchAsync(string ns, Dictionary<string, RolloutState> before, TimeSpan within, CancellationToken cancellation)
    {
        var waiting = before.Keys.ToHashSet();
        var told = new Dictionary<string, string>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(within);
        using var suspicion = new Timer(_ => Suspect(), null, Suspicious, Timeout.InfiniteTimeSpan);
        try
        {
            await foreach (var observed in new Reflector(kubernetes, ResourceNames.Deployments, new Selection(ns)).RunAsync(deadline.Token))
            {
                if (observed is Observed.Failed failed)
                {
                    Say($"the API server does not answer, next attempt in {failed.Pause.TotalSeconds:0.0} s: {failed.Failure.Message}");
                }
                else if (observed is Observed.Changed changed && waiting.Contains(changed.Object.Name))
                {
                    Follow(changed.Object, before[changed.Object.Name], told, waiting);
                }
                else if (observed is Observed.Removed removed && waiting.Remove(removed.Name))
                {
                    Say($"{removed.Name}: deleted meanwhile");
                }

                if (waiting.Count == 0)
                {
                    Say("done");
                    return true;
                }
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is up, which is told below.
        }

        cancellation.ThrowIfCancellationRequested();
        Say($"not rolled out within {within.TotalSeconds:0} s: {string.Join(", ", waiting)}");
        return false;

        void Suspect()
        {
            var untouched = before.Keys.Where(name => !told.ContainsKey(name)).ToList();
            if (untouched.Count > 0)
            {
                Say($"nothing has changed {string.Join(" and ", untouched)} yet: is a reloader running, and does it watch {ns}?");
            }
        }
    }

    private void Follow(JsonObject deployment, RolloutState before, Dictionary<string, string> told, HashSet<string> waiting)
    {
        var now = RolloutState.Of(deployment);
        if (now.Template == before.Template)
        {
            return;
        }

        var words = now.Describe();
        if (told.GetValueOrDefault(deployment.Name) != words)
        {
            told[deployment.Name] = words;
            Say($"{deployment.Name}: {words}");
        }

        if (now.IsComplete)
        {
            waiting.Remove(deployment.Name);
        }
    }

    private void Say(string what)
    {
        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds,6:0.0} s  {what}"));
    }
}
