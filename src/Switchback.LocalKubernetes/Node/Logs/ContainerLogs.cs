using System.Collections.Concurrent;
using System.Globalization;

namespace Switchback.LocalKubernetes.Node.Logs;

/// <summary>All logs of the node: the current and the previous run of each container. Files of ended pods are kept for late readers, up to a number.</summary>
internal sealed class ContainerLogs : IContainerLogs
{
    private const int KeptPods = 50;

    private readonly string _directory;
    private readonly ConcurrentDictionary<(string PodUid, string Container), (ContainerLog Current, ContainerLog? Previous)> _logs = new();
    private readonly ConcurrentQueue<string> _ended = new();

    /// <summary>Starts with an empty directory: what a platform before left belongs to processes that ended with it.</summary>
    public ContainerLogs(string directory)
    {
        _directory = directory;
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Directory.CreateDirectory(directory);
    }

    public ContainerLog? Find(string podUid, string container, bool previous) =>
        _logs.TryGetValue((podUid, container), out var logs) ? previous ? logs.Previous : logs.Current : null;

    /// <summary>A log for the next run of a container; the one it had becomes the previous one.</summary>
    public ContainerLog Begin(string podUid, string container, int restart)
    {
        var log = new ContainerLog(Path.Combine(_directory, podUid, container, restart.ToString(CultureInfo.InvariantCulture) + ".log"));
        _logs.AddOrUpdate((podUid, container), (log, null), (_, logs) => (log, logs.Current));
        return log;
    }

    /// <summary>The pod is gone.</summary>
    public void Forget(string podUid)
    {
        foreach (var key in _logs.Keys.Where(key => key.PodUid == podUid))
        {
            _logs.TryRemove(key, out _);
        }

        _ended.Enqueue(podUid);
        while (_ended.Count > KeptPods && _ended.TryDequeue(out var oldest))
        {
            var path = Path.Combine(_directory, oldest);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }
}
