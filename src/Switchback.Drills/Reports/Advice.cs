using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Reports;

/// <summary>What to change to lose less or stand still for less time.</summary>
/// <param name="Finding">What was found.</param>
/// <param name="Change">What to change, and what it costs.</param>
internal sealed record Advice(string Finding, string Change)
{
    /// <summary>The advice that a verdict's findings call for, the most harmful finding first.</summary>
    public static IEnumerable<Advice> For(Verdict verdict)
    {
        var counts = verdict.Records;
        if (counts.Lost > 0)
        {
            yield return new Advice($"{Records(counts.Lost)} acknowledged and gone",
                "Find out where the acknowledgement came from: acks=all with min.insync.replicas of 2 or more, and no unclean leader election, is what makes one worth believing. "
                + "Where a place was given to another record, the log was cut back after a crash: the broker acknowledged before the record was safe from it.");
        }

        if (verdict.Clients.Where(client => client.Outages.Any(outage => !outage.Recovered)).Select(client => client.Name).ToList() is { Count: > 0 } gone)
        {
            yield return new Advice($"{string.Join(", ", gone)} never came back",
                "Look at the pod's log and its readiness first: an address or a credential of the wrong cluster, a certificate that does not verify, or a group that cannot be joined.");
        }

        if (counts.SilentlyLost > 0)
        {
            yield return new Advice($"{Records(counts.SilentlyLost)} vanished without an error{When(verdict)}",
                "An application that answers before the delivery report goes on taking requests its client cannot deliver, and takes them with it when its pod ends. Three things shorten that: readiness that says "
                + "whether Kafka can be reached (the proxy’s /ready as the sidecar’s readinessProbe), so that the Service stops sending there; answering after the delivery report (POST /chuck-says?wait=true), "
                + "so that the caller is told; and delivery.timeout.ms below terminationGracePeriodSeconds with a flush at SIGTERM, so that what cannot be delivered at least fails loudly.");
        }

        if (counts.Stranded > 0)
        {
            yield return new Advice($"{Records(counts.Stranded)} stranded on the lost side{Behind(verdict)}",
                "Mirroring is asynchronous: what was acknowledged within its lag before the crash is out of reach until the cluster comes back. Smaller batches and a mirror with room to spare make the lag shorter; only an "
                + "acknowledgement that waits for the mirror makes it nothing. Until then a consumer must be ready for these records to arrive late.");
        }

        foreach (var wait in SessionWaits(verdict))
        {
            yield return wait;
        }

        if (Ordered(verdict) is { } ordered)
        {
            yield return ordered;
        }

        if (counts.Skipped > 0)
        {
            yield return new Advice($"{Records(counts.Skipped)} never delivered",
                "A group that starts without a committed offset begins at the end unless auto.offset.reset=earliest says otherwise; and one whose offsets are carried over by the mirror needs consumer.offset.sync to have run shortly before the switch.");
        }

        if (counts.DuplicatedDeliveries > 0)
        {
            yield return new Advice($"{Records(counts.DuplicatedDeliveries)} delivered more than once",
                "After a switch a group goes on from the last offset that was committed and carried over. Commit after each poll, keep consumer.offset.sync.ms short, and let the application pass over an id it has seen: it will see some again in every real disaster.");
        }

        if (verdict.Anomalies.Count(anomaly => anomaly.Kind == AnomalyKinds.Reread) is > 0 and var reread)
        {
            yield return new Advice($"{Records(reread)} read again although the group had committed beyond them",
                "consumer.offset.sync.enable=true on the link to the other cluster carries a group’s place there along with the records. Where that is set, ask the mirror’s status for groups in conflict: "
                + "with members on both sides nobody can carry a place.");
        }

        if (counts.DuplicatedInLog > 0)
        {
            yield return new Advice($"{Records(counts.DuplicatedInLog)} more than once in a topic",
                "enable.idempotence=true keeps a producer’s own retries from becoming duplicates; a new process that sends again what an old one left unknown cannot be told apart by the broker, only by the record’s id.");
        }

        if (counts.Unmirrored > 0)
        {
            yield return new Advice($"{Records(counts.Unmirrored)} still not mirrored once settled",
                "Look at the mirror’s log and its lag: until the copies are complete the other side is not ready for the next disaster.");
        }

        if (counts.Reordered > 0)
        {
            yield return new Advice($"{Records(counts.Reordered)} in another order than sent",
                "Without idempotence, retries overtake each other unless max.in.flight.requests.per.connection is 1; with it, order per key holds up to five requests in flight.");
        }

        if (verdict.Rollouts.Any(rollout => rollout.Observed != rollout.Expected))
        {
            yield return new Advice("A change rolled other workloads than it should",
                "Check which ConfigMaps the Deployments’ reload annotations name, and that no two controllers watch them: a second rollout is a second outage.");
        }
    }

    private static string Records(int count) => Figures.Counted(count, "record", "records");

    private static string When(Verdict verdict)
    {
        var sent = verdict.Clients.SelectMany(client => client.Progress).Where(phase => phase.Phase is PhaseNames.Disaster or PhaseNames.Failover).Sum(phase => phase.Sent);
        return sent == 0 ? "" : $", of {Figures.Count(sent)} sent during disaster and failover";
    }

    private static string Behind(Verdict verdict)
    {
        var crash = verdict.Steps.FirstOrDefault(step => step.Kind == StepKind.Fault)?.Cluster;
        return crash is null ? "" : $" ({crash})";
    }

    private static IEnumerable<Advice> SessionWaits(Verdict verdict)
    {
        var waits = verdict.Clients.SelectMany(client => client.Outages
            .Where(outage => outage.Explanation?.Contains("session.timeout.ms", StringComparison.Ordinal) == true).Select(outage => (client.Name, Outage: outage))).ToList();
        if (waits.Count > 0)
        {
            var longest = waits.MaxBy(wait => wait.Outage.OutageMs);
            yield return new Advice(
                $"{string.Join(", ", waits.Select(wait => wait.Name).Distinct())} waited for a dead member, {Figures.Length(longest.Outage.OutageMs)} at most",
                "A consumer that dies with its cluster cannot leave its group, and keeps its place for session.timeout.ms (45 s by default). Set it as low as the longest pause that you want to survive, "
                + "6 s for example, with heartbeat.interval.ms at a third of it. The price: a consumer that stands still for longer than that is taken for dead.");
        }
    }

    private static Advice? Ordered(Verdict verdict)
    {
        var fault = verdict.Steps.FirstOrDefault(step => step.Kind == StepKind.Fault);
        var order = verdict.Steps.FirstOrDefault(step => step.Kind == StepKind.Switch && step.StartedMs > fault?.StartedMs);
        var outages = verdict.Clients.SelectMany(client => client.Outages).Where(outage => outage.Phase == PhaseNames.Failover && outage.Recovered).ToList();
        if (fault is null || order is null || outages.Count == 0)
        {
            return null;
        }

        var decided = order.StartedMs - fault.StartedMs;
        var longest = outages.Max(outage => outage.OutageMs);
        return decided < 1000 ? null : new Advice(
            $"{Figures.Length(decided)} of the failover’s {Figures.Length(longest)} passed before the switch was ordered",
            $"In this drill the scenario waits that long, in earnest somebody decides. The rest, {Figures.Length(Math.Max(0, longest - decided))}, is the rollout: image, start, readiness, first acknowledgement. "
            + "Short probe periods and a proxy that is ready in a fraction of a second shorten the rest; a written rule for who decides shortens the first part.");
    }
}
