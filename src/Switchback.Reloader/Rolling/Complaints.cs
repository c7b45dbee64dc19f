using Microsoft.Extensions.Logging;
using Switchback.Reloader.Serving;

namespace Switchback.Reloader.Rolling;

/// <summary>Tells a workload's owner, once, what is wrong with its annotations: an Event on it and a log line.</summary>
internal sealed class Complaints(EventRecorder events, ILogger log)
{
    public void Report(TrackedWorkload tracked)
    {
        var now = tracked.View.Pause.Error is { } pause ? [.. tracked.View.Rules.Errors, pause] : tracked.View.Rules.Errors;
        foreach (var complaint in now.Except(tracked.Complaints))
        {
            Log.BadAnnotation(log, tracked.View.Key.ToString(), complaint);
            events.Record(tracked.View.Key, tracked.View.Uid, "Warning", "InvalidAnnotation", complaint);
        }

        tracked.Complaints = now;
    }
}
