using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Upstream;

/// <summary>Says once for each cause that a broker cannot be reached, and once that it is reached again.</summary>
internal sealed class Reachability(ILogger log)
{
    private readonly ConcurrentDictionary<HostPort, string> _failures = new();

    public void Reached(HostPort broker)
    {
        if (!_failures.IsEmpty && _failures.TryRemove(broker, out _))
        {
            log.ReachedAgain(broker);
        }
    }

    public void Failed(HostPort broker, string reason)
    {
        if (_failures.TryGetValue(broker, out var before) && before == reason)
        {
            log.StillCannotReach(broker, reason);
            return;
        }

        _failures[broker] = reason;
        log.CannotReach(broker, reason);
    }
}
