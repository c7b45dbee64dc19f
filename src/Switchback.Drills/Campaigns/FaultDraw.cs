using Switchback.Drills.Ledger;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Campaigns;

/// <summary>
/// Draws from a seed what else goes wrong in a scenario, and when: another kind of disaster, and faults of the mirror, the network, the platform and the surviving
/// cluster at moments of their own. The same scenario and seed give the same faults. Only faults after which nothing acknowledged may be lost are drawn.
/// </summary>
internal static class FaultDraw
{
    private static readonly FaultKind[] Disasters = [FaultKind.Crash, FaultKind.Freeze, FaultKind.Cut];

    /// <summary>Where a fault may begin, in milliseconds since its phase did.</summary>
    private const int LatestMs = 4_000;

    private const int ShortestMs = 300;
    private const int LongestMs = 5_000;

    public static Scenario Draw(Scenario scenario, int seed)
    {
        var random = new Random(seed);
        var drawn = scenario.Disaster is { } disaster ? WithDisaster(scenario, disaster, random) : scenario;
        return drawn with { TimedFaults = [.. Timed(drawn, random)] };
    }

    /// <summary>The faults in words, one a line, for whoever plays them.</summary>
    public static IEnumerable<string> Describe(Scenario scenario)
    {
        if (scenario.Disaster is { } disaster)
        {
            yield return $"the disaster: {Words(disaster)}";
        }

        foreach (var timed in scenario.TimedFaults)
        {
            yield return FormattableString.Invariant(
                $"{timed.Phase}: {Words(timed.Fault)}, {timed.After.TotalSeconds:0.0} s after its beginning, for {timed.Lasts.TotalSeconds:0.0} s");
        }
    }

    private static string Words(FaultStep fault) => fault.Cut is { } cut ? $"{fault.Target}, {cut}" : $"{fault.Target} is {FaultNames.State(fault.Kind)}";

    private static Scenario WithDisaster(Scenario scenario, FaultStep disaster, Random random)
    {
        var kind = Disasters[random.Next(Disasters.Length)];
        var drawn = new FaultStep(kind, disaster.Target, kind == FaultKind.Cut ? new NetworkCut(true, true, Direction(random)) : null);
        return scenario with
        {
            Phases =
            [
                .. scenario.Phases.Select(phase => phase with
                {
                    Steps =
                    [
                        .. phase.Steps.Select(step =>
                            step == disaster ? drawn
                            : step is RecoverStep recovery && recovery.Target == disaster.Target && recovery.From == disaster.Kind ? new RecoverStep(kind, disaster.Target)
                            : step),
                    ],
                }),
            ],
        };
    }

    private static IEnumerable<TimedFault> Timed(Scenario scenario, Random random)
    {
        var phases = scenario.Phases.Select(phase => phase.Name).Where(name => name != PhaseNames.Settled).ToList();
        var taken = new HashSet<(string Phase, string Target)>();
        for (var left = 1 + random.Next(3); left > 0; left--)
        {
            var phase = phases[random.Next(phases.Count)];
            var choices = Choices(scenario, phase).ToList();
            var (target, kind, cut) = choices[random.Next(choices.Count)];
            var after = random.Next(LatestMs);
            var lasts = random.Next(ShortestMs, LongestMs);
            var fault = new FaultStep(kind, target, cut ? new NetworkCut(false, true, Direction(random)) : null);

            // One fault of one part at a time; and what freezes the platform would not see another part's fault in time.
            if (taken.Add((phase, target)))
            {
                yield return new TimedFault(phase, TimeSpan.FromMilliseconds(after), fault, TimeSpan.FromMilliseconds(lasts));
            }
        }
    }

    /// <summary>What may happen in a phase besides its own steps: nothing to the cluster that is away, and nothing to a survivor that is being read.</summary>
    private static IEnumerable<(string Target, FaultKind Kind, bool Cut)> Choices(Scenario scenario, string phase)
    {
        yield return (FaultNames.Mirror, FaultKind.Crash, false);
        yield return (FaultNames.Mirror, FaultKind.Freeze, false);
        yield return (FaultNames.Platform, FaultKind.Freeze, false);
        if (phase == PhaseNames.Steady)
        {
            yield return (FaultNames.Platform, FaultKind.Crash, false);
        }

        if (phase == PhaseNames.Failback)
        {
            yield break;
        }

        foreach (var cluster in scenario.Clusters.Keys.Where(cluster => phase == PhaseNames.Steady || cluster != scenario.Disaster?.Target))
        {
            yield return (cluster, FaultKind.Crash, false);
            yield return (cluster, FaultKind.Freeze, false);
            yield return (cluster, FaultKind.DiskFull, false);
            yield return (cluster, FaultKind.Cut, true);
        }
    }

    private static CutDirection Direction(Random random) => (CutDirection)random.Next(3);
}
