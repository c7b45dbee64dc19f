using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Checking;

/// <summary>Says what the time of an outage went into, where the observations tell.</summary>
internal sealed class WaitExplainer(CheckContext context)
{
    private readonly DrillEvidence _evidence = context.Evidence;

    /// <summary>How much later than the timeout a group may be done, in milliseconds: the coordinator's own steps and the first fetch.</summary>
    private const double SlackMs = 2500;

    /// <summary>A shorter part of an outage is not worth its words.</summary>
    private const double NoiseMs = 50;

    public string? Explain(ClientFact client, Outage outage)
    {
        if (!outage.Recovered)
        {
            return client.Role == ClientRole.Producer ? "no acknowledgement came any more" : "no delivery came any more";
        }

        if (outage.OutageMs < OutageFinder.NotableMs)
        {
            return null;
        }

        var parts = new List<string>();
        var at = outage.FromMs;
        Until(Last(StepKind.Switch, step => step.Clients is null || step.Clients.Contains(client.Name))?.StartedMs, "until the switch was ordered");
        Until(_evidence.Pods.Where(pod => pod.Client == client.Name && InOutage(pod.StartedMs)).Select(pod => (double?)pod.StartedMs).LastOrDefault(), "until the new pod started");
        var rest = outage.ToMs - at;
        parts.Add(FormattableString.Invariant($"{rest / 1000:0.0} s until its first {(client.Role == ClientRole.Producer ? "acknowledgement" : "delivery")}"));
        return string.Join(". ", new[] { string.Join(", ", parts), SessionWait(client, outage), NothingNew(client, outage) }.OfType<string>());

        void Until(double? moment, string what)
        {
            if (moment is { } time && time > at + NoiseMs)
            {
                parts.Add(FormattableString.Invariant($"{(time - at) / 1000:0.0} s {what}"));
                at = time;
            }
        }

        bool InOutage(double ms) => ms > outage.FromMs && ms < outage.ToMs;

        StepFact? Last(StepKind kind, Func<StepFact, bool> concerns) =>
            _evidence.Steps.LastOrDefault(step => step.Kind == kind && InOutage(step.StartedMs) && concerns(step));
    }

    /// <summary>A consumer can be no quicker than its producers: how much of its outage there was nothing new to deliver.</summary>
    private string? NothingNew(ClientFact client, Outage outage)
    {
        if (client.Role != ClientRole.Consumer)
        {
            return null;
        }

        var first = context.Applications.Sent.Values
            .Where(record => record.Outcome == Outcome.Acknowledged && record.EndedMs > outage.FromMs && DeliveryCheck.Matches(client.Topic, record.Topic))
            .Select(record => record.EndedMs!.Value).DefaultIfEmpty(outage.ToMs).Min();
        var idle = Math.Min(first, outage.ToMs) - outage.FromMs;
        return idle < OutageFinder.NotableMs
            ? null
            : FormattableString.Invariant($"For {idle / 1000:0.0} s of it nothing new was acknowledged that it could have been delivered");
    }

    /// <summary>
    /// A member that died without leaving keeps its place for <c>session.timeout.ms</c>, counted from its last heartbeat, or from when its
    /// coordinator came back; its group stands still for what remains of that once a new member asks to join.
    /// </summary>
    private string? SessionWait(ClientFact client, Outage outage)
    {
        var pods = _evidence.Pods.Where(pod => pod.Client == client.Name && pod.StartedMs < outage.ToMs).OrderBy(pod => pod.StartedMs).ToList();
        if (client.SessionTimeoutMs is not { } timeout || client.Role != ClientRole.Consumer || pods is not [.. var earlier, var current])
        {
            return null;
        }

        // Only a cluster that knew an earlier pod can have a dead member to wait for.
        if (current.Cluster is null || !earlier.Any(pod => pod.Cluster == current.Cluster))
        {
            return null;
        }

        var anchors = _evidence.Steps.Where(step => step.Kind == StepKind.Recovery && step.Cluster == current.Cluster).Select(step => step.EndedMs)
            .Append(current.StartedMs)
            .Where(ms => ms >= outage.FromMs - timeout && ms < outage.ToMs);
        var fits = anchors.Any(anchor => outage.ToMs - anchor >= timeout * 0.9 && outage.ToMs - anchor <= timeout + Math.Max(SlackMs, timeout * 0.1));
        return fits
            ? FormattableString.Invariant($"About session.timeout.ms ({timeout / 1000:0.#} s): the group kept the place of a member that died with {current.Cluster}")
            : null;
    }
}
