using Microsoft.Extensions.Logging;
using Switchback.Proxy.Logging;
using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Operations;

/// <summary>Whether a broker is reached and authenticated now, and if not, why.</summary>
internal sealed class Readiness(ILogger log)
{
    private volatile State _state = new(false, "no broker has been reached yet");
    private volatile bool _draining;

    public bool IsReady => _state.Ready && !_draining;

    public string Reason => _draining ? "draining" : _state.Reason;

    public void Reached(HostPort broker, bool authenticated)
    {
        var was = _state;
        _state = new State(true, $"{broker} is reached");
        if (!was.Ready)
        {
            log.Ready(broker, authenticated ? " and authenticated" : "");
        }
    }

    public void Lost(string reason)
    {
        var was = _state;
        _state = new State(false, reason);
        if (was.Ready || was.Reason != reason)
        {
            log.NotReady(reason);
        }
    }

    public void Drain() => _draining = true;

    private sealed record State(bool Ready, string Reason);
}
