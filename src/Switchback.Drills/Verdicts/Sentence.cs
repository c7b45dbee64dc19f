using System.Globalization;
using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Verdicts;

/// <summary>Says a verdict in one sentence, for someone who was not there.</summary>
internal static class Sentence
{
    public static string Of(
        bool holds, RecordCounts counts, IReadOnlyList<ClientVerdict> clients, IReadOnlyList<BarVerdict> bars, IReadOnlyList<Anomaly> anomalies)
    {
        var records = counts.Lost == 0
            ? $"none of {Number(counts.Acknowledged)} acknowledged records was lost"
            : $"{Number(counts.Lost)} of {Number(counts.Acknowledged)} acknowledged records {Were(counts.Lost)} lost";
        var silent = counts.SilentlyLost == 0 ? "" : $", {Number(counts.SilentlyLost)} vanished without an acknowledgement or an error";
        var still = Still(clients);
        var verdict = $"{records}{silent}{(still.Length == 0 ? "" : ", and ")}{still}";
        if (holds)
        {
            return $"It holds: {verdict}.";
        }

        var undecided = anomalies.Count(anomaly => anomaly.Kind == AnomalyKinds.Undecided);
        var broken = bars.Where(bar => !bar.Holds && !Said(bar)).Select(bar => $"\u201c{bar.Bar}\u201d").ToList();
        string[] why =
        [
            .. undecided == 0 ? [] : new[] { $"{undecided} {(undecided == 1 ? "question" : "questions")} could not be decided" },
            .. broken.Count == 0 ? [] : new[] { $"{string.Join(", ", broken)} {(broken.Count == 1 ? "is" : "are")} not met" },
        ];
        return $"It does not hold: {verdict}{(why.Length == 0 ? "" : $"; {string.Join("; ", why)}")}.";

        // What the sentence says anyway need not be said in the bar's words too.
        bool Said(BarVerdict bar) => (bar.Bar == "lost = 0" && counts.Lost > 0)
            || (bar.Bar == Bars.EveryClientMadeProgress && clients.Any(client => client.Outages.Any(outage => !outage.Recovered)));
    }

    private static string Still(IReadOnlyList<ClientVerdict> clients)
    {
        var gone = clients.Where(client => client.Outages.Any(outage => !outage.Recovered)).Select(client => client.Name).ToList();
        if (gone.Count > 0)
        {
            return $"{string.Join(", ", gone)} never came back";
        }

        string[] parts =
        [
            .. new[] { PhaseNames.Failover, PhaseNames.Failback }
                .Select(phase => (phase, Outages: clients.SelectMany(client => client.Outages).Where(outage => outage.Phase == phase).ToList()))
                .Where(procedure => procedure.Outages.Count > 0)
                .Select(procedure => string.Create(
                    CultureInfo.InvariantCulture, $"{procedure.Outages.Max(outage => outage.OutageMs) / 1000:0.0} s at {procedure.phase}")),
        ];
        return parts.Length == 0 ? "" : $"no client stood still for longer than {string.Join(" and ", parts)}";
    }

    private static string Were(int count) => count == 1 ? "was" : "were";

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
