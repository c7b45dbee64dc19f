using FsCheck;
using FsCheck.Fluent;
using Switchback.Drills.Campaigns;
using Switchback.Drills.Ledger;
using Switchback.Drills.Scenarios;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Campaigns;

/// <summary>The faults of a drill are drawn from its seed: the same again for the same seed, others for others, and never what the scenario could not play.</summary>
public sealed class FaultDrawTests
{
    private static readonly Scenario Scenario = Read("active-active");

    [Fact]
    public void The_same_seed_draws_the_same_faults() => Check.One(Runs, Prop.ForAll(Seeds(), seed =>
        Text(FaultDraw.Draw(Scenario, seed)) == Text(FaultDraw.Draw(Scenario, seed))));

    [Fact]
    public void Seeds_draw_every_kind_of_disaster_and_fault()
    {
        var drawn = Enumerable.Range(0, 500).Select(seed => FaultDraw.Draw(Scenario, seed)).ToList();
        Assert.Equal([FaultKind.Crash, FaultKind.Freeze, FaultKind.Cut], drawn.Select(scenario => scenario.Disaster!.Kind).Distinct().Order());
        var timed = drawn.SelectMany(scenario => scenario.TimedFaults).Select(fault => (fault.Fault.Target, fault.Fault.Kind)).ToHashSet();
        foreach (var expected in new[]
        {
            ("mirror", FaultKind.Crash), ("mirror", FaultKind.Freeze), ("platform", FaultKind.Crash), ("platform", FaultKind.Freeze), ("west", FaultKind.Crash),
            ("west", FaultKind.Freeze), ("west", FaultKind.DiskFull), ("west", FaultKind.Cut), ("north", FaultKind.Crash), ("north", FaultKind.Cut),
        })
        {
            Assert.Contains(expected, timed);
        }
    }

    [Fact]
    public void What_is_drawn_can_be_played() => Check.One(Runs, Prop.ForAll(Seeds(), seed =>
    {
        var drawn = FaultDraw.Draw(Scenario, seed);
        var disaster = drawn.Disaster!;
        var recovery = drawn.Phases.SelectMany(phase => phase.Steps).OfType<RecoverStep>().Single();
        var kinds = drawn.Faults.Select(fault => fault.Kind).ToHashSet();
        return disaster.Target == "north" && recovery == new RecoverStep(disaster.Kind, "north")
            && !kinds.Contains(FaultKind.Destroyed) && !kinds.Contains(FaultKind.PowerLoss)
            && drawn.TimedFaults.Count is >= 1 and <= 3
            && drawn.TimedFaults.Select(timed => (timed.Phase, timed.Fault.Target)).Distinct().Count() == drawn.TimedFaults.Count
            && drawn.TimedFaults.All(timed => timed.Lasts > TimeSpan.Zero && timed.After >= TimeSpan.Zero && timed.Phase != PhaseNames.Settled
                && (timed.Fault.Target != "north" || timed.Phase == PhaseNames.Steady)
                && (timed.Fault.Target != "west" || timed.Phase != PhaseNames.Failback)
                && (timed.Fault.Kind == FaultKind.Cut) == (timed.Fault.Cut is not null));
    }));

    [Fact]
    public void A_scenario_without_a_disaster_gets_none() => Assert.Null(FaultDraw.Draw(Read("active-active-planned"), 7).Disaster);

    [Fact]
    public void What_was_drawn_is_said_in_words()
    {
        var lines = FaultDraw.Describe(FaultDraw.Draw(Scenario, 3)).ToList();
        Assert.StartsWith("the disaster: north", lines[0], StringComparison.Ordinal);
        Assert.All(lines.Skip(1), line => Assert.Matches("^(steady|disaster|failover|failback): .+, [0-9.]+ s after its beginning, for [0-9.]+ s$", line));
    }

    private static Config Runs => Config.QuickThrowOnFailure.WithMaxTest(300);

    private static Arbitrary<int> Seeds() => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    private static string Text(Scenario scenario) => string.Join('\n', FaultDraw.Describe(scenario));

    private static Scenario Read(string name)
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Switchback.slnx")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        return ScenarioFile.Load(Path.Combine(root, "scenarios", name + ".yaml"), bar => Bars.Parse(bar).Error);
    }
}
