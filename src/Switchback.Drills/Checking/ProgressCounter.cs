using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Checking;

/// <summary>Counts what an application did in each phase, and whether it moved forward where it should have.</summary>
internal sealed class ProgressCounter(CheckContext context, Course course)
{
    public IReadOnlyList<PhaseProgress> Of(ClientFact client)
    {
        var sent = context.Applications.Sent.Values.Where(record => record.Client == client.Name).ToList();
        var delivered = context.Applications.Deliveries.Where(seen => seen.Client == client.Name).ToList();
        return
        [
            .. course.Phases.Select(phase => new PhaseProgress(
                phase.Name,
                sent.Count(record => In(phase, record.SentMs)),
                sent.Count(record => record.Outcome == Outcome.Acknowledged && In(phase, record.EndedMs)),
                sent.Count(record => record.Outcome == Outcome.Failed && In(phase, record.EndedMs)),
                delivered.Count(seen => In(phase, seen.AtMs)))),
        ];
    }

    /// <summary>
    /// Where an application made no progress. After a switch only what came from the cluster switched to counts: the old pod's last steps are none.
    /// </summary>
    public IEnumerable<Anomaly> Missing(ClientFlow flow)
    {
        if (course.Has(PhaseNames.Steady) && !flow.Progress.Any(moment => moment.AtMs < Math.Min(course.DisasterMs, course.FailoverMs)))
        {
            yield return None(flow, "in steady");
        }

        if (course.Has(PhaseNames.Failover) && !Any(flow, course.FailoverMs, course.FailbackMs, course.FailoverTarget))
        {
            yield return None(flow, $"after the switch{To(course.FailoverTarget)}");
        }

        if (course.Has(PhaseNames.Failback) && !Any(flow, course.FailbackMs, double.PositiveInfinity, course.FailbackTarget))
        {
            yield return None(flow, $"after failback{To(course.FailbackTarget)}");
        }
    }

    private static bool Any(ClientFlow flow, double from, double until, string? cluster) =>
        flow.Progress.Any(moment => moment.AtMs >= from && moment.AtMs < until && (cluster is null || moment.Cluster == cluster));

    private static Anomaly None(ClientFlow flow, string when) => new(
        AnomalyKinds.NoProgress, null, null, null, null, null,
        $"{flow.Client.Name} had nothing {(flow.Client.Role == ClientRole.Producer ? "acknowledged" : "delivered")} {when}", flow.Client.Name);

    private static string To(string? cluster) => cluster is null ? "" : $" by {cluster}";

    private static bool In(PhaseFact phase, double? ms) => ms >= phase.StartedMs && ms < phase.EndedMs;
}
