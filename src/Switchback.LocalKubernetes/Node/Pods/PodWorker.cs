using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Containers;
using Switchback.LocalKubernetes.Node.Volumes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node.Pods;

/// <summary>
/// One pod on this node, from its network to its last status. It hears of changes by <see cref="Update"/>, <see cref="Remove"/> and
/// <see cref="ReferencesChanged"/>, and confirms the end of a deleted pod by removing its object.
/// </summary>
internal sealed class PodWorker : IDisposable
{
    /// <summary>The annotation that tells a pod's real ports on the shared network: <c>8080=21000,9080=21001</c>.</summary>
    public const string PortsAnnotation = "switchback.dev/ports";

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan TokenCheck = TimeSpan.FromMinutes(1);

    private readonly NodeContext _node;
    private readonly Lock _gate = new();
    private readonly Lock _mounting = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly GracePeriod _grace = new();
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _stopContainers;
    private readonly List<ContainerWorker> _containers = [];
    private readonly Dictionary<ContainerWorker, Task> _runs = [];
    private TaskCompletionSource _references = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JsonObject _object;
    private IPodNetwork? _network;
    private PodVolumes? _volumes;
    private bool _mounted;
    private bool _gone;
    private bool _abandoned;
    private int _pending;

    public PodWorker(NodeContext node, JsonObject pod)
    {
        _node = node;
        _object = pod;
        _stopContainers = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Referred = PodReferences.Of(pod);
        Completion = Task.Run(RunAsync);
    }

    /// <summary>The pod as last seen or written.</summary>
    public JsonObject Object => Volatile.Read(ref _object);

    public string RestartPolicy => Object.Text("spec", "restartPolicy") ?? "Always";

    /// <summary>Completes when a ConfigMap or Secret of the pod's namespace changes.</summary>
    public Task References => Volatile.Read(ref _references).Task;

    /// <summary>The ConfigMaps and Secrets that the pod refers to.</summary>
    public IReadOnlySet<(ResourceType Type, string Name)> Referred { get; }

    /// <summary>Completes when nothing of the pod is left on the node.</summary>
    public Task Completion { get; }

    /// <summary>The pod's object has changed.</summary>
    public void Update(JsonObject pod)
    {
        if (pod.ResourceVersion() > Object.ResourceVersion())
        {
            // Our own last write may be newer than what the watch just brought.
            Volatile.Write(ref _object, pod);
        }

        if (pod.IsBeingDeleted())
        {
            Stop(TimeSpan.FromSeconds(pod.Number("metadata", "deletionGracePeriodSeconds") ?? 0));
        }
    }

    /// <summary>The pod's object is gone without our doing: deleted by force.</summary>
    public void Remove()
    {
        _gone = true;
        Stop(TimeSpan.FromSeconds(1));
    }

    /// <summary>The platform ends: the pod's processes too, and its object stays for the next start.</summary>
    public void Abandon(TimeSpan grace)
    {
        _abandoned = true;
        Stop(grace);
    }

    /// <summary>A ConfigMap or Secret of the namespace has changed: mounted files follow.</summary>
    public void ReferencesChanged()
    {
        Interlocked.Exchange(ref _references, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        RefreshVolumes();
    }

    private void RefreshVolumes()
    {
        lock (_mounting)
        {
            if (!_mounted)
            {
                return;
            }

            try
            {
                _volumes?.Write();
            }
            catch (Exception exception) when (exception is ContainerConfigException or StatusException or IOException or UnauthorizedAccessException)
            {
                // A volume that was once mounted keeps its files when what it came from is gone.
                _node.Events.Warning(Object, "FailedMount", exception.Message);
            }
        }
    }

    /// <summary>Tokens in volumes are renewed before they end.</summary>
    private async Task RenewTokensAsync()
    {
        using var timer = new PeriodicTimer(TokenCheck);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                RefreshVolumes();
            }
        }
        catch (OperationCanceledException)
        {
            // The pod ends.
        }
    }

    /// <summary>Changes a record, then writes the status; several changes at once are written once.</summary>
    public void Change(Action change)
    {
        lock (_gate)
        {
            change();
        }

        if (Interlocked.Increment(ref _pending) == 1)
        {
            _ = Task.Run(WriteStatusAsync);
        }
    }

    private void Stop(TimeSpan grace)
    {
        _grace.EndWithin(grace);

        // In this order: nothing may start again while what runs is being ended.
        _ = Task.Run(() =>
        {
            _stopContainers.Cancel();
            _stop.Cancel();
        });
    }

    private async Task RunAsync()
    {
        try
        {
            if (Object.Text("status", "phase") is not ("Succeeded" or "Failed"))
            {
                await RunContainersAsync();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Deleted, or the platform ends.
        }
        catch (Exception exception)
        {
            NodeLog.PodFailed(_node.Logger, Object.Name(), exception);
            _node.Events.Warning(Object, "FailedSync", $"error syncing pod: {exception.Message}");
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token));
        }

        await EndAsync();
    }

    private async Task RunContainersAsync()
    {
        var pod = Object;
        _network = await AttachAsync(pod);
        CreateContainers(pod, _network);
        await WriteStatusAsync();
        await MountAsync();
        _ = RenewTokensAsync();

        var initial = _containers.Where(container => container.Record.Role != ContainerRole.Regular).ToList();
        foreach (var container in initial)
        {
            var run = Run(container);
            await Task.WhenAny(run, container.Record.Role == ContainerRole.Sidecar ? container.Started : run).WaitAsync(_stop.Token);
            if (container.Record is { Role: ContainerRole.Init, ExitCode: not 0 })
            {
                // Failed for good: nothing after it starts.
                await WriteStatusAsync();
                return;
            }
        }

        var regular = _containers.Where(container => container.Record.Role == ContainerRole.Regular).ToList();
        await Task.WhenAll(regular.Where(container => container.Record.ExitCode is null).Select(Run)).WaitAsync(_stop.Token);
        await StopSidecarsAsync();
        await WriteStatusAsync();
    }

    private Task Run(ContainerWorker container)
    {
        lock (_gate)
        {
            return _runs[container] = Task.Run(() => container.RunAsync(_stopContainers.Token));
        }
    }

    private async Task<IPodNetwork> AttachAsync(JsonObject pod)
    {
        while (true)
        {
            try
            {
                return await _node.Network.AttachAsync(new PodNetworkRequest(pod.Name(), pod.Uid(), PodPorts.Of(pod, _node.Options.Catalogue.Find)), _stop.Token);
            }
            catch (NetworkException exception)
            {
                _node.Events.Warning(Object, "FailedCreatePodSandBox", $"Failed to create pod sandbox: {exception.Message}");
                await Task.Delay(RetryDelay, _stop.Token);
            }
        }
    }

    private void CreateContainers(JsonObject pod, IPodNetwork network)
    {
        _volumes = new PodVolumes(pod, _node.PodDirectory(pod.Uid()), network, new ConfigReferences(_node.Store, pod.Namespace()), _node.Options.Tokens);
        foreach (var (container, role) in pod.Items("spec", "initContainers").Select(one => (one, one.Text("restartPolicy") == "Always" ? ContainerRole.Sidecar : ContainerRole.Init))
            .Concat(pod.Items("spec", "containers").Select(one => (one, ContainerRole.Regular))))
        {
            var worker = new ContainerWorker(_node, this, container, role, network, _volumes);
            if (role == ContainerRole.Regular && pod.Items("spec", "initContainers").Any())
            {
                worker.Record.Wait("PodInitializing");
            }

            PreviousRun.Resume(pod, worker.Record, _started);
            _containers.Add(worker);
        }
    }

    private async Task MountAsync()
    {
        while (true)
        {
            var changed = References;
            try
            {
                lock (_mounting)
                {
                    _volumes!.Write();
                    _mounted = true;
                }

                return;
            }
            catch (Exception exception) when (exception is ContainerConfigException or StatusException or IOException or UnauthorizedAccessException)
            {
                _node.Events.Warning(Object, "FailedMount", exception.Message);
            }

            await Task.WhenAny(changed, Task.Delay(RetryDelay, _stop.Token));
            _stop.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The pod's work is done: its sidecars end, the last one first.</summary>
    private async Task StopSidecarsAsync()
    {
        await _stopContainers.CancelAsync();
        foreach (var sidecar in Enumerable.Reverse(_containers).Where(container => container.Record.Role == ContainerRole.Sidecar))
        {
            using var grace = new GracePeriod();
            grace.EndWithin(TimeSpan.FromSeconds(Object.Number("spec", "terminationGracePeriodSeconds") ?? 30));
            await sidecar.StopAsync(grace, $"Stopping container {sidecar.Record.Name}");
            await _runs[sidecar];
        }
    }

    /// <summary>Whatever fails on the way, the rest of the pod ends all the same: nothing of it may stay on the node.</summary>
    private async Task EndAsync()
    {
        await Task.WhenAll(_containers.Where(container => container.Record.Role != ContainerRole.Sidecar).Select(StopAsync));
        foreach (var sidecar in Enumerable.Reverse(_containers).Where(container => container.Record.Role == ContainerRole.Sidecar))
        {
            await StopAsync(sidecar);
        }

        Task[] runs;
        lock (_gate)
        {
            runs = [.. _runs.Values];
        }

        await OrLogAsync(() => Task.WhenAll(runs));
        if (!_abandoned && !_gone)
        {
            await OrLogAsync(WriteStatusAsync);
        }

        if (_network is { } network)
        {
            await OrLogAsync(() => network.DisposeAsync().AsTask());
        }

        lock (_mounting)
        {
            _mounted = false;
        }

        _node.RemovePodDirectory(Object.Uid());
        if (!_abandoned)
        {
            _node.ConfirmDeletion(Object);
            _node.Logs.Forget(Object.Uid());
        }
    }

    /// <summary>To be called after <see cref="Completion"/>.</summary>
    public void Dispose()
    {
        _stopContainers.Dispose();
        _stop.Dispose();
        _grace.Dispose();
        _writing.Dispose();
    }

    private async Task StopAsync(ContainerWorker container)
    {
        if (!await OrLogAsync(() => container.StopAsync(_grace, $"Stopping container {container.Record.Name}")))
        {
            container.Kill();
        }
    }

    /// <summary>True where it succeeded; a failure is logged.</summary>
    private async Task<bool> OrLogAsync(Func<Task> step)
    {
        try
        {
            await step();
            return true;
        }
        catch (Exception exception)
        {
            NodeLog.PodFailed(_node.Logger, Object.Name(), exception);
            return false;
        }
    }

    private async Task WriteStatusAsync()
    {
        await _writing.WaitAsync();
        try
        {
            Interlocked.Exchange(ref _pending, 0);
            var uid = Object.Uid();
            var written = _node.Store.Mutate(ResourceTypes.Pod, Object.Namespace(), Object.Name(), pod =>
            {
                if (pod.Uid() != uid || _abandoned)
                {
                    return false;
                }

                lock (_gate)
                {
                    PodStatus.Apply(pod, [.. _containers.Select(container => container.Record)], _started, _network?.Address.ToString(), _node.Network.NodeAddress.ToString());
                }

                if (_network?.Ports.Count > 0)
                {
                    pod.Ensure("metadata", "annotations")[PortsAnnotation] = string.Join(',', _network.Ports.Select(pair => $"{pair.Key}={pair.Value}"));
                }

                return true;
            });
            if (written?.Uid() == uid)
            {
                Volatile.Write(ref _object, written);
            }
        }
        catch (StatusException exception)
        {
            NodeLog.StatusRefused(_node.Logger, Object.Name(), exception.Message);
        }
        finally
        {
            _writing.Release();
        }
    }
}
