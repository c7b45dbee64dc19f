using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Containers;
using Switchback.LocalKubernetes.Node.Images;
using Switchback.LocalKubernetes.Node.Probes;
using Switchback.LocalKubernetes.Node.Processes;
using Switchback.LocalKubernetes.Node.Volumes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>
/// One container through all its runs:
/// <code>
///   waiting (image, configuration) -> running (hooks, probes) -> terminated -+-> for good
///        ^                                                                   |
///        +---------------------------- back-off -----------------------------+
/// </code>
/// </summary>
internal sealed class ContainerWorker(NodeContext node, PodWorker pod, JsonObject container, ContainerRole role, IPodNetwork network, PodVolumes volumes)
{
    private static readonly TimeSpan LeastGraceAfterHook = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly RestartBackOff _backOff = new(node.Options.RestartBackOff);
    private readonly HandlerRunner _handlers = new(network, container);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ContainerProcess? _process;
    private ContainerProcess? _ending;

    public ContainerRecord Record { get; } = new(container.Text("name") ?? "", container.Text("image") ?? "", role);

    /// <summary>Completes when the container has started for the first time, its startup probe included.</summary>
    public Task Started => _started.Task;

    private string Name => Record.Name;

    private string Field => $"spec.{(role == ContainerRole.Regular ? "containers" : "initContainers")}{{{Name}}}";

    /// <summary>Runs the container until it has ended for good, or until it is stopped.</summary>
    /// <param name="stop">Starts nothing more; <see cref="StopAsync"/> ends what runs.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (await StartAsync(stop) is { } process)
            {
                var exitCode = await WatchAsync(process);
                if (stop.IsCancellationRequested || !MayRestart(exitCode))
                {
                    return;
                }

                await BackOffAsync(process, stop);
                pod.Change(() => Record.RestartCount++);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped while it waited for something.
        }
    }

    /// <summary>Ends the present run: the hook, then SIGTERM, then SIGKILL when the grace period is over.</summary>
    public async Task StopAsync(GracePeriod grace, string message)
    {
        ContainerProcess? process;
        lock (_gate)
        {
            process = _process;
        }

        if (process is null || process.HasEnded)
        {
            return;
        }

        node.Events.Normal(pod.Object, "Killing", message, Field);
        var hook = container.Object("lifecycle", "preStop");
        if (hook is not null)
        {
            await RunPreStopAsync(hook, process, grace);
        }

        // However long a hook took, the program is asked before it is killed.
        var over = hook is not null && grace.Remaining < LeastGraceAfterHook ? Task.Delay(LeastGraceAfterHook) : grace.Over;
        await process.SignalAsync(Signal.Terminate, over);
        await Task.WhenAny(process.Ended, over);
        process.Kill();
        await process.Ended;
    }

    /// <summary>Ends the present run at once.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            _process?.Kill();
        }
    }

    private async Task RunPreStopAsync(JsonObject hook, ContainerProcess process, GracePeriod grace)
    {
        using var over = new CancellationTokenSource();
        var run = _handlers.RunAsync(hook, process, grace.Remaining, over.Token);
        if (await Task.WhenAny(run, process.Ended, grace.Over) == run)
        {
            if (await run is { Succeeded: false } failed)
            {
                node.Events.Warning(pod.Object, "FailedPreStopHook", $"PreStopHook failed: {failed.Message}", Field);
            }
        }
        else
        {
            await over.CancelAsync();
        }
    }

    private bool MayRestart(int exitCode) => role switch
    {
        ContainerRole.Sidecar => true,
        ContainerRole.Init => exitCode != 0 && pod.RestartPolicy != "Never",
        _ => pod.RestartPolicy == "Always" || (pod.RestartPolicy == "OnFailure" && exitCode != 0),
    };

    private async Task<ContainerProcess?> StartAsync(CancellationToken stop)
    {
        var image = await PullAsync(stop);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var changed = pod.References;
            try
            {
                var id = Guid.NewGuid().ToString("N");
                var launch = new LaunchPlan(node, network, volumes).Create(pod.Object, container, image, id);
                node.Events.Normal(pod.Object, "Created", $"Created container: {Name}", Field);
                lock (_gate)
                {
                    stop.ThrowIfCancellationRequested();
                    _process = ContainerProcess.Start(launch, node.Logs.Begin(pod.Object.Uid(), Name, Record.RestartCount));
                }

                pod.Change(() => Record.ContainerId = "switchback://" + id);
                return _process;
            }
            catch (ContainerConfigException exception)
            {
                pod.Change(() => Record.Wait("CreateContainerConfigError", exception.Message));
                node.Events.Warning(pod.Object, "Failed", $"Error: {exception.Message}", Field);
            }
            catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException)
            {
                pod.Change(() => Record.Wait("CreateContainerError", exception.Message));
                node.Events.Warning(pod.Object, "Failed", $"Error: {exception.Message}", Field);
            }

            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromSeconds(10), stop));
        }
    }

    /// <summary>Finds the image in the catalogue; where it is not there, waits as a node waits for a registry.</summary>
    private async Task<Image> PullAsync(CancellationToken stop)
    {
        var name = container.Text("image") ?? "";
        if (node.Options.Catalogue.Find(name) is { } image)
        {
            node.Events.Normal(pod.Object, "Pulled", $"Container image \"{name}\" already present on machine", Field);
            return image;
        }

        var message = $"failed to pull image \"{name}\": the embedded platform's catalogue has no program for it (switchback kubernetes --catalogue FILE adds one)";
        pod.Change(() => Record.Wait("ErrImagePull", message));
        node.Events.Normal(pod.Object, "Pulling", $"Pulling image \"{name}\"", Field);
        node.Events.Warning(pod.Object, "Failed", char.ToUpperInvariant(message[0]) + message[1..], Field);
        node.Events.Warning(pod.Object, "Failed", "Error: ErrImagePull", Field);
        await Task.Delay(node.Options.RestartBackOff, stop);
        pod.Change(() => Record.Wait("ImagePullBackOff", $"Back-off pulling image \"{name}\": ErrImagePull: {message}"));
        node.Events.Normal(pod.Object, "BackOff", $"Back-off pulling image \"{name}\"", Field);
        node.Events.Warning(pod.Object, "Failed", "Error: ImagePullBackOff", Field);
        await Task.Delay(Timeout.InfiniteTimeSpan, stop);
        throw new OperationCanceledException(stop);
    }

    /// <summary>One run, from the program's start to its end.</summary>
    private async Task<int> WatchAsync(ContainerProcess process)
    {
        var failure = await process.Started;
        if (failure is null)
        {
            pod.Change(() => Record.Run(process.StartedAt, Record.ContainerId!));
            node.Events.Normal(pod.Object, "Started", $"Started container {Name}", Field);
            using var ended = new CancellationTokenSource();
            var attended = AttendAsync(process, ended.Token);
            await process.Ended;
            await ended.CancelAsync();
            await attended;
        }
        else
        {
            node.Events.Warning(pod.Object, "Failed", $"Error: failed to create containerd task: failed to create shim task: {failure}", Field);
        }

        var exitCode = await process.Ended;
        pod.Change(() => Record.Terminate(
            exitCode, failure is not null ? "StartError" : exitCode == 0 ? "Completed" : "Error", failure, process.StartedAt, DateTimeOffset.UtcNow));
        if (role != ContainerRole.Sidecar)
        {
            _started.TrySetResult();
        }

        return exitCode;
    }

    /// <summary>The hook after the start, then the startup probe, then the other two side by side.</summary>
    private async Task AttendAsync(ContainerProcess process, CancellationToken ended)
    {
        try
        {
            if (container.Object("lifecycle", "postStart") is { } hook
                && await _handlers.RunAsync(hook, process, Timeout.InfiniteTimeSpan, ended) is { Succeeded: false } failed)
            {
                node.Events.Warning(pod.Object, "FailedPostStartHook", $"PostStartHook failed: {failed.Message}", Field);
                await EndAsync(process, null, "FailedPostStartHook");
                return;
            }

            if (ProbeSpecification.Of(container, "startupProbe") is { } startup)
            {
                await new Prober(startup, _handlers, process).RunAsync(said => Unhealthy("Startup", said), succeeded =>
                {
                    if (!succeeded)
                    {
                        _ = EndAsync(process, startup.TerminationGracePeriodSeconds, $"Container {Name} failed startup probe, will be restarted");
                    }

                    return false;
                }, ended);
                ended.ThrowIfCancellationRequested();
                if (_ending == process)
                {
                    return;
                }
            }

            var readiness = ProbeSpecification.Of(container, "readinessProbe");
            pod.Change(() => (Record.Started, Record.Ready) = (true, readiness is null && role != ContainerRole.Init));
            _started.TrySetResult();
            await Task.WhenAll(KeepAliveAsync(process, ended), KeepReadyAsync(readiness, process, ended));
        }
        catch (OperationCanceledException)
        {
            // The container has ended.
        }
    }

    private async Task KeepAliveAsync(ContainerProcess process, CancellationToken ended)
    {
        if (ProbeSpecification.Of(container, "livenessProbe") is { } liveness)
        {
            await new Prober(liveness, _handlers, process).RunAsync(said => Unhealthy("Liveness", said), succeeded =>
            {
                if (!succeeded)
                {
                    _ = EndAsync(process, liveness.TerminationGracePeriodSeconds, $"Container {Name} failed liveness probe, will be restarted");
                }

                return succeeded;
            }, ended);
        }
    }

    private async Task KeepReadyAsync(ProbeSpecification? readiness, ContainerProcess process, CancellationToken ended)
    {
        if (readiness is not null)
        {
            await new Prober(readiness, _handlers, process).RunAsync(said => Unhealthy("Readiness", said), succeeded =>
            {
                pod.Change(() => Record.Ready = succeeded && Record.IsRunning);
                return true;
            }, ended);
        }
    }

    private void Unhealthy(string probe, string said) => node.Events.Warning(pod.Object, "Unhealthy", $"{probe} probe failed: {said}", Field);

    /// <summary>Ends a run that is to be followed by another.</summary>
    private async Task EndAsync(ContainerProcess process, long? graceSeconds, string message)
    {
        _ending = process;
        using var grace = new GracePeriod();
        grace.EndWithin(TimeSpan.FromSeconds(graceSeconds ?? pod.Object.Number("spec", "terminationGracePeriodSeconds") ?? 30));
        await StopAsync(grace, message);
    }

    private async Task BackOffAsync(ContainerProcess process, CancellationToken stop)
    {
        var delay = _backOff.Next(DateTimeOffset.UtcNow - process.StartedAt);
        if (delay == TimeSpan.Zero)
        {
            return;
        }

        var where = $"{pod.Object.Name()}_{pod.Object.Namespace()}({pod.Object.Uid()})";
        var time = delay.TotalSeconds >= 60
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)delay.TotalMinutes}m{delay.Seconds}s")
            : string.Create(CultureInfo.InvariantCulture, $"{delay.TotalSeconds:0.###}s");
        pod.Change(() => Record.Wait("CrashLoopBackOff", $"back-off {time} restarting failed container={Name} pod={where}"));
        node.Events.Warning(pod.Object, "BackOff", $"Back-off restarting failed container {Name} in pod {where}", Field);
        await Task.Delay(delay, stop);
    }
}
