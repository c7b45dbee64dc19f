using System.Text.Json;
using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Verdicts;

/// <summary>Makes a drill's verdict from its ledger, and from nothing else.</summary>
internal static class VerdictBuilder
{
    public const string FileName = "verdict.json";

    /// <summary>The verdict on the ledger in a report directory.</summary>
    /// <exception cref="InvalidDataException">The ledger is missing or damaged; the message names file and line.</exception>
    public static Verdict FromLedger(string directory) => Build(DrillEvidence.Read(directory));

    public static Verdict Build(DrillEvidence evidence)
    {
        var context = new CheckContext(evidence);
        var course = new Course(evidence);
        var progress = new ProgressCounter(context, course);
        var outages = new OutageFinder(course, new WaitExplainer(context));
        var findings = Checker.Check(context);
        var flows = evidence.Facts.Clients.Select(client => ClientFlow.Of(context, client)).ToList();
        List<ClientVerdict> clients =
        [
            .. flows.Select(flow => new ClientVerdict
            {
                Name = flow.Client.Name,
                Role = flow.Client.Role,
                Through = flow.Client.Through,
                Outages = outages.Find(flow),
                Progress = progress.Of(flow.Client),
            }),
        ];
        List<Anomaly> anomalies = [.. findings.Anomalies, .. flows.SelectMany(progress.Missing)];
        List<BarVerdict> bars = [.. evidence.Facts.Bars.Select(text => Hold(text, findings.Counts, clients, anomalies, evidence.Rollouts))];
        var holds = bars.All(bar => bar.Holds) && !anomalies.Any(anomaly => anomaly.Kind == AnomalyKinds.Undecided);
        return new Verdict
        {
            Scenario = evidence.Facts.Scenario,
            Kafka = evidence.Facts.Kafka,
            Kubernetes = evidence.Facts.Kubernetes,
            Network = evidence.Facts.Network,
            Fault = evidence.Facts.Fault,
            Seed = evidence.Facts.Seed,
            Holds = holds,
            Started = evidence.Facts.Started.UtcDateTime,
            DurationMs = course.EndMs,
            Phases = evidence.Phases,
            Records = findings.Counts,
            Clients = clients,
            Bars = bars,
            Anomalies = anomalies,
            Sentence = Sentence.Of(holds, findings.Counts, clients, bars, anomalies),
            Steps = evidence.Steps,
            Rollouts = evidence.Rollouts,
            Proxies = ProxyVerdict.Of(evidence),
        };
    }

    /// <summary>Writes <c>verdict.json</c> into a report directory.</summary>
    public static void Write(Verdict verdict, string directory)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, FileName), JsonSerializer.Serialize(verdict, VerdictJson.Default.Verdict) + "\n");
    }

    private static BarVerdict Hold(
        string text, RecordCounts counts, List<ClientVerdict> clients, List<Anomaly> anomalies, IReadOnlyList<RolloutFact> rollouts)
    {
        var (bar, error) = Bars.Parse(text);
        if (bar is null)
        {
            return new BarVerdict(text, false, 0, error);
        }

        var (value, detail) = Metrics.Measure(bar.Metric, counts, clients, anomalies, rollouts);
        double? other = bar.Other is null ? null : Metrics.Measure(bar.Other, counts, clients, anomalies, rollouts).Value;
        var holds = bar.Holds(value, other);
        detail = other is null ? detail : FormattableString.Invariant($"{value} against {other}");
        return new BarVerdict(text, holds, double.IsFinite(value) ? value : null, holds ? null : detail);
    }
}
