using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Checking;

/// <summary>Says what the time of an outage went into, where the observations tell.</summary>
internal sealed class WaitExplainer(DrillEvidence evidence)
{
    /// <summary>How much later than the timeout a group may be done, in milliseconds: the coordinator's own steps and the first fetch.</summary>
    private const double SlackMs = 2500;

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
        Until(evidence.Pods.Where(pod => pod.Client == client.Name && InOutage(pod.StartedMs)).Select(pod => (double?)pod.StartedMs).LastOrDefault(), "until the new pod started");
        var rest = outage.ToMs - at;
        var wait = SessionWait(client, outage);
        parts.Add(FormattableString.Invariant($"{rest / 1000:0.0} s until its first {(client.Role == ClientRole.Producer ? "acknowledgement" : "delivery")}"));
        var course = string.Join(", ", parts);
        return wait is null ? course : $"{course}. {wait}";

        void Until(double? moment, string what)
        {
            if (moment is { } time && time > at)
            {
                parts.Add(FormattableString.Invariant($"{(time - at) / 1000:0.0} s {what}"));
                at = time;
            }
        }

        bool InOutage(double ms) => ms > outage.FromMs && ms < outage.ToMs;

        StepFact? Last(StepKind kind, Func<StepFact, bool> concerns) =>
            evidence.Steps.LastOrDefault(step => step.Kind == kind && InOutage(step.StartedMs) && concerns(step));
    }

    /// <summary>
    /// A member that died without leaving keeps its place for <c>session.timeout.ms</c>, counted from its last heartbeat, or from when its
    /// coordinator came back; its group stands still for what remains of that once a new member asks to join.
    /// </summary>
    private string? SessionWait(ClientFact client, Outage outage)
    {
        if (client.SessionTimeoutMs is not { } timeout || client.Role != ClientRole.Consumer)
        {
            return null;
        }

        var anchors = evidence.Pods.Where(pod => pod.Client == client.Name).Select(pod => pod.StartedMs)
            .Concat(evidence.Pods.Where(pod => pod.Client == client.Name && pod.EndedMs is not null).Select(pod => pod.EndedMs!.Value))
            .Concat(evidence.Steps.Where(step => step.Kind == StepKind.Recovery).Select(step => step.EndedMs))
            .Append(outage.FromMs)
            .Where(ms => ms >= outage.FromMs - timeout && ms < outage.ToMs);
        var fits = anchors.Any(anchor => outage.ToMs - anchor >= timeout * 0.9 && outage.ToMs - anchor <= timeout + Math.Max(SlackMs, timeout * 0.1));
        return fits && outage.OutageMs >= timeout * 0.5
            ? FormattableString.Invariant($"Its group was waiting for session.timeout.ms ({timeout / 1000:0.#} s) of a member that ended without leaving")
            : null;
    }
}
