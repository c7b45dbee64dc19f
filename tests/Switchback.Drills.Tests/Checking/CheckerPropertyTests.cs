using FsCheck;
using FsCheck.Fluent;
using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;

namespace Switchback.Drills.Tests.Checking;

/// <summary>Over drills of any seed and rate: one without defects has none, and any single record that is taken away is missed.</summary>
public sealed class CheckerPropertyTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(25);

    [Fact]
    public void A_drill_without_defects_has_no_anomaly_but_what_the_pattern_itself_costs() => Check.One(Runs, Prop.ForAll(Drills(), drill =>
        Checker.Check(new SampleDrill(drill.Seed, drill.IntervalMs).Evidence()).Anomalies
            .All(anomaly => anomaly.Kind is AnomalyKinds.Unknown or AnomalyKinds.Stranded)));

    [Fact]
    public void Any_acknowledged_record_deleted_everywhere_is_lost() => Check.One(Runs, Prop.ForAll(Drills(), drill =>
    {
        var (sample, id) = Pick(drill);
        sample.Settled.RemoveAll(record => record.Id == id);
        return Finds(sample, AnomalyKinds.Lost, id);
    }));

    [Fact]
    public void Any_record_deleted_from_a_mirrors_copy_is_unmirrored() => Check.One(Runs, Prop.ForAll(Drills(), drill =>
    {
        var (sample, id) = Pick(drill);
        sample.Settled.Remove(sample.Copy(id));
        return Finds(sample, AnomalyKinds.Unmirrored, id);
    }));

    [Fact]
    public void Any_delivery_deleted_is_a_skipped_record() => Check.One(Runs, Prop.ForAll(Drills(), drill =>
    {
        var (sample, id) = Pick(drill);
        sample.Observations.RemoveAll(seen => seen.Kind == ObservationKind.Delivered && seen.Id == id);
        return Finds(sample, AnomalyKinds.Skipped, id);
    }));

    [Fact]
    public void Sent_is_always_acknowledged_failed_and_unknown_together() => Check.One(Runs, Prop.ForAll(Drills(), drill =>
    {
        var sample = new SampleDrill(drill.Seed, drill.IntervalMs);
        var random = new Random(drill.Seed);
        sample.Observations.RemoveAll(_ => random.Next(10) == 0);
        var counts = Checker.Check(sample.Evidence()).Counts;
        return counts.Sent == counts.Acknowledged + counts.Failed + counts.Unknown && counts.Unknown == counts.UnknownFound + counts.SilentlyLost;
    }));

    private static Arbitrary<(int Seed, int IntervalMs)> Drills() =>
        (from seed in Gen.Choose(1, int.MaxValue - 1) from interval in Gen.Choose(40, 400) select (seed, interval)).ToArbitrary();

    private static (SampleDrill Sample, string Id) Pick((int Seed, int IntervalMs) drill)
    {
        var sample = new SampleDrill(drill.Seed, drill.IntervalMs);
        var ids = sample.Acknowledged(drill.Seed % 2 == 0 ? SampleDrill.ProxyProducer : SampleDrill.DirectProducer);
        return (sample, ids[drill.Seed % ids.Count]);
    }

    private static bool Finds(SampleDrill sample, string kind, string id)
    {
        var found = Checker.Check(sample.Evidence()).Anomalies.Where(anomaly => anomaly.Kind == kind).ToList();
        return found.Count == 1 && found[0].Id == id;
    }
}
