using Microsoft.Extensions.Logging;
using Switchback.LocalKubernetes.Controllers;
using Switchback.LocalKubernetes.Events;
using Switchback.LocalKubernetes.Network;
using Switchback.LocalKubernetes.Node.Logs;
using Switchback.LocalKubernetes.Node.Pods;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Node;

/// <summary>
/// The one node of the platform, scheduler included: it watches the store for pods, gives each a <see cref="PodWorker"/>, and tells these what
/// becomes of their pods and of the ConfigMaps and Secrets they refer to. Pods in the store at the start are run anew: their processes ended with the
/// platform before.
/// </summary>
internal sealed class NodeAgent
{
    /// <summary>How long pods have to end when the platform does.</summary>
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(3);

    private readonly NodeContext _context;
    private readonly PodScheduler _scheduler;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PodWorker> _pods = [];
    private readonly HashSet<Task> _ending = [];
    private bool _stopping;

    public NodeAgent(ObjectStore store, INodeNetwork network, NodeAgentOptions options, ILogger logger)
    {
        var pods = Path.Combine(options.Directory, "pods");
        if (Directory.Exists(pods))
        {
            Directory.Delete(pods, recursive: true);
        }

        var logs = new ContainerLogs(Path.Combine(options.Directory, "logs"));
        _context = new NodeContext(store, network, options, new EventRecorder(store, "kubelet", NodeContext.NodeName), logs, logger);
        _scheduler = new PodScheduler(store);
    }

    /// <summary>For the API server's log endpoint.</summary>
    public IContainerLogs Logs => _context.Logs;

    /// <summary>Runs the node until cancelled; then ends all pods' processes and returns when nothing of them is left.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        NodeObject.Register(_context.Store, _context.Network);
        NodeLog.Network(_context.Logger, _context.Network.Mode, _context.Network.NodeAddress.ToString());
        await Task.WhenAll(
            ObjectWatch.FollowAsync(_context.Store, ResourceTypes.Pod, PodChanged, _context.Logger, cancellation, ForgetMissing),
            ObjectWatch.FollowAsync(_context.Store, ResourceTypes.ConfigMap, change => ReferenceChanged(ResourceTypes.ConfigMap, change), _context.Logger, cancellation),
            ObjectWatch.FollowAsync(_context.Store, ResourceTypes.Secret, change => ReferenceChanged(ResourceTypes.Secret, change), _context.Logger, cancellation),
            ObjectWatch.FollowAsync(_context.Store, ResourceTypes.Node, _ => _scheduler.ScheduleAll(), _context.Logger, cancellation));

        List<Task> all;
        lock (_gate)
        {
            _stopping = true;
            all = [.. _ending, .. _pods.Values.Select(worker => worker.Completion)];
            foreach (var worker in _pods.Values)
            {
                worker.Abandon(ShutdownGrace);
            }
        }

        await Task.WhenAll(all);
    }

    private void PodChanged(WatchEvent change)
    {
        var pod = change.Object;
        if (change.Type == WatchEventType.Deleted)
        {
            Forget(pod.Uid());
        }
        else if (pod.Text("spec", "nodeName") is not { Length: > 0 } node)
        {
            _scheduler.Schedule(pod);
        }
        else if (node == NodeContext.NodeName)
        {
            lock (_gate)
            {
                if (_stopping)
                {
                    return;
                }

                if (!_pods.TryGetValue(pod.Uid(), out var worker))
                {
                    _pods[pod.Uid()] = worker = new PodWorker(_context, pod);
                }

                worker.Update(pod);
            }
        }
    }

    private void Forget(string uid)
    {
        lock (_gate)
        {
            if (_pods.Remove(uid, out var worker))
            {
                worker.Remove();
                Task? end = null;
                end = worker.Completion.ContinueWith(_ =>
                {
                    worker.Dispose();
                    lock (_gate)
                    {
                        _ending.Remove(end!);
                    }
                }, TaskScheduler.Default);
                _ending.Add(end);
            }
        }
    }

    /// <summary>After a gap in the watch: deletions that were missed.</summary>
    private void ForgetMissing()
    {
        var present = _context.Store.List(ResourceTypes.Pod).Select(pod => pod.Uid()).ToHashSet();
        List<string> gone;
        lock (_gate)
        {
            gone = [.. _pods.Keys.Where(uid => !present.Contains(uid))];
        }

        gone.ForEach(Forget);
    }

    private void ReferenceChanged(ResourceType type, WatchEvent change)
    {
        var item = change.Object;
        List<PodWorker> concerned;
        lock (_gate)
        {
            concerned = [.. _pods.Values.Where(worker => worker.Object.Namespace() == item.Namespace() && worker.Referred.Contains((type, item.Name())))];
        }

        concerned.ForEach(worker => worker.ReferencesChanged());
    }
}
