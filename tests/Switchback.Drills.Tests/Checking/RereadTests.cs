using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Checking;

/// <summary>What a group reads again is named unless there is a reason for it, and each reason is one.</summary>
public sealed class RereadTests
{
    /// <summary>In the middle of what is calm before the crash.</summary>
    private const double Early = 1000;

    /// <summary>Within what the link and the mirror's round may take before the crash.</summary>
    private const double Late = SampleDrill.Crash - 600;

    /// <summary>When the consumer behind the proxy is given its partitions on north again.</summary>
    private const double Assigned = 28500;

    private const string Group = "chuck-java-cg";

    private readonly SampleDrill _drill = new();

    [Fact]
    public void After_a_failover_what_was_committed_long_before_the_crash()
    {
        var (id, delivered) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);

        var found = Assert.Single(Rereads());

        var copy = _drill.Copy(id);
        Assert.Equal((id, "west", copy.Topic, copy.Partition, copy.Offset), (found.Id, found.Cluster, found.Topic, found.Partition, found.Offset));
        Assert.Equal(SampleDrill.ProxyConsumer, found.Client);
        Assert.Contains(FormattableString.Invariant($"its commit of {delivered.Offset + 1} was answered by north at {(delivered.AtMs + 1) / 1000:0.000} s"), found.Detail);
        Assert.Contains("north-west-clink", found.Detail);
    }

    [Fact]
    public void After_a_failover_what_was_committed_just_before_the_crash_is_the_bounds_own()
    {
        var (id, _) = Delivered(Late);
        Again(id, _drill.Copy(id), 11500);

        Assert.Empty(Rereads());
        Assert.Equal(1, Verdict().Records.DuplicatedDeliveries);
    }

    [Fact]
    public void Of_a_consumer_that_does_not_tell_of_its_commits_nothing_is_said()
    {
        var (id, _) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);
        _drill.Observations.RemoveAll(seen => seen.Kind == ObservationKind.OffsetCommitted);

        Assert.Empty(Rereads());
    }

    [Fact]
    public void A_commit_of_the_record_itself_is_not_beyond_it()
    {
        var (id, delivered) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);
        Commits(delivered.Topic!, delivered.Partition!.Value).ToList().ForEach(commit => _drill.Observations.Remove(commit));
        var commit = new Observation(
            ObservationKind.OffsetCommitted, delivered.Client, delivered.Pod, Group, delivered.AtMs + 1, delivered.Topic, null, delivered.Partition, delivered.Offset);
        _drill.Observations.Add(commit);
        Assert.Empty(Rereads());

        _drill.Observations.Add(commit with { Offset = delivered.Offset + 1 });
        Assert.Single(Rereads());
    }

    [Fact]
    public void An_application_that_put_its_own_place_back_reads_again_because_it_wanted_to()
    {
        var (id, delivered) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);
        _drill.Observations.Add(new Observation(
            ObservationKind.OffsetCommitted, delivered.Client, delivered.Pod, Group, SampleDrill.Crash + 2, delivered.Topic, null, delivered.Partition, delivered.Offset));

        Assert.Empty(Rereads());
    }

    [Theory]
    [InlineData(null, 900, 4500, false)]
    [InlineData("west", 900, 4500, false)]
    [InlineData("north", 900, 4500, false)]
    [InlineData("south", 900, 4500, true)]
    [InlineData(null, 2700, 2900, true)]
    [InlineData(null, 1500, 1600, false)]
    public void A_fault_of_the_mirror_or_of_either_cluster_excuses_what_was_committed_in_it(string? cluster, double from, double to, bool named)
    {
        var (id, _) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);

        // Nothing is expected for 3 s after a recovery, and the crash is at 5 s. Before the fault at 2.7 s there was time enough.
        StepFact[] faults = [new(StepKind.Fault, "a fault", from, from + 1, null, cluster), new(StepKind.Recovery, "its end", to - 1, to, null, cluster)];

        Assert.Equal(named ? [id] : [], Rereads(evidence => evidence with { Steps = [.. evidence.Steps, .. faults] }).Select(found => found.Id));
    }

    [Fact]
    public void Two_parts_that_are_faulty_at_once_are_well_when_both_are()
    {
        var (id, _) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);
        StepFact[] faults =
        [
            new(StepKind.Fault, "kill -9 of the mirror", 500, 501), new(StepKind.Fault, "the platform stands still", 600, 601),
            new(StepKind.Recovery, "the platform goes on", 700, 701), new(StepKind.Recovery, "the mirror is started again", 4000, 4001),
        ];

        Assert.Empty(Rereads(evidence => evidence with { Steps = [.. evidence.Steps, .. faults] }));
    }

    [Fact]
    public void A_calm_stretch_after_a_fault_is_time_enough()
    {
        var (id, _) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);
        StepFact[] faults = [new(StepKind.Fault, "kill -9 of the mirror", 500, 501), new(StepKind.Recovery, "the mirror is started again", 800, 801)];

        // Settled at 3.8 s, and the crash is at 5 s.
        Assert.Single(Rereads(evidence => evidence with { Steps = [.. evidence.Steps, .. faults] }));
    }

    [Fact]
    public void A_stranded_record_may_be_read_again_when_its_copy_comes()
    {
        var (id, _) = Delivered(Early);
        Again(id, _drill.Copy(id), 19500);
        Assert.Single(Rereads());

        _drill.DuringDisaster.RemoveAll(record => record.Id == id);

        Assert.Empty(Rereads());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(null, false)]
    public void Without_a_link_that_carries_places_all_of_it_is_named_and_where_that_is_not_known_nothing(bool? syncs, bool named)
    {
        var (id, _) = Delivered(Late);
        Again(id, _drill.Copy(id), 11500);

        var found = Rereads(evidence => evidence with
        {
            Facts = evidence.Facts with { Links = [.. evidence.Facts.Links.Select(link => link with { SyncsOffsets = syncs })] },
        });

        Assert.Equal(named ? [id] : [], found.Select(anomaly => anomaly.Id));
        Assert.All(found, anomaly => Assert.Contains("north-west-clink: consumer.offset.sync.enable is false", anomaly.Detail));
    }

    [Fact]
    public void Where_no_link_leads_back_what_was_read_on_the_other_side_is_named()
    {
        var (id, delivered) = Delivered(Late);
        var copy = _drill.Copy(id);
        _drill.Observations.Remove(delivered);
        Again(id, copy, 11500);
        _drill.Observations.Add(new Observation(
            ObservationKind.OffsetCommitted, delivered.Client, PodOn("west", 11500), Group, 11501, copy.Topic, null, copy.Partition, copy.Offset + 1));
        TakeUpOnNorth();
        Again(id, _drill.Origin(id), 29000);

        var found = Rereads(evidence => evidence with { Facts = evidence.Facts with { Links = [.. evidence.Facts.Links.Where(link => link.Source == "north")] } });

        Assert.EndsWith("and no link carries the group's place to north", Assert.Single(found).Detail);
    }

    [Fact]
    public void On_one_cluster_every_answered_commit_counts()
    {
        var (id, _) = Delivered(Late);
        Again(id, _drill.Origin(id), 29000);

        var found = Assert.Single(Rereads());

        Assert.Equal((id, "north"), (found.Id, found.Cluster));
        Assert.Contains("by the same cluster", found.Detail);
    }

    [Theory]
    [InlineData("power-loss")]
    [InlineData("destroyed")]
    public void A_cluster_that_forgets_may_have_forgotten_the_commit(string fault)
    {
        var (id, _) = Delivered(Late);
        Again(id, _drill.Origin(id), 29000);

        Assert.Empty(Rereads(evidence => evidence with { Facts = evidence.Facts with { Fault = fault } }));
    }

    [Fact]
    public void A_member_that_died_before_its_commit_leaves_the_record_to_the_next()
    {
        var (id, delivered) = Delivered(Late);
        foreach (var commit in Commits(delivered.Topic!, delivered.Partition!.Value).Where(commit => commit.AtMs >= delivered.AtMs && commit.AtMs < SampleDrill.Crash + 10).ToList())
        {
            _drill.Observations.Remove(commit);
        }

        Again(id, _drill.Origin(id), 29000);

        Assert.Empty(Rereads());
    }

    [Fact]
    public void One_consumer_whose_partitions_were_given_anew_to_itself_has_its_commit()
    {
        var (id, delivered) = Delivered(Early);
        _drill.Observations.Add(delivered with { AtMs = delivered.AtMs + 500 });
        Assert.Empty(Rereads());

        _drill.Observations.Add(new Observation(ObservationKind.Rebalanced, delivered.Client, delivered.Pod, "assigned", delivered.AtMs + 400));

        Assert.Equal(id, Assert.Single(Rereads()).Id);
    }

    [Theory]
    [InlineData(Assigned, true)]
    [InlineData(22000, false)]
    public void After_a_failback_what_was_committed_on_the_other_side(double assigned, bool named)
    {
        // North is back at 18.7 s, settled at 21.7 s; the old pod is gone at 21.5 s.
        var (id, _) = Delivered(SampleDrill.Switch + 5000);
        TakeUpOnNorth(assigned);
        Again(id, _drill.Copy(id), 29000);

        Assert.Equal(named ? [id] : [], Rereads().Select(found => found.Id));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_group_that_is_at_work_on_both_sides_reads_twice_what_comes_meanwhile(bool meanwhile)
    {
        var (id, delivered) = Delivered(SampleDrill.Switch + 5000);
        TakeUpOnNorth(meanwhile ? delivered.AtMs + 50 : Assigned);
        Again(id, _drill.Copy(id), 29000);

        var found = Rereads(evidence => evidence with { Steps = [.. evidence.Steps.Where(step => step.Kind is not (StepKind.Fault or StepKind.Recovery))] });

        Assert.Equal(meanwhile ? [] : [id], found.Select(anomaly => anomaly.Id));
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(8600, true)]
    public void While_both_sides_have_pods_of_the_group_nobody_can_carry_its_place(double started, bool named)
    {
        var (id, _) = Delivered(Early);
        Again(id, _drill.Copy(id), 11500);
        var other = _drill.PodFacts.FindIndex(pod => pod.Client == SampleDrill.ProxyConsumer && pod.Cluster == "west");
        _drill.PodFacts[other] = _drill.PodFacts[other] with { StartedMs = started };
        _drill.Observations.Add(new Observation(ObservationKind.Rebalanced, SampleDrill.ProxyConsumer, _drill.PodFacts[other].Pod, "assigned", 10800));

        Assert.Equal(named ? [id] : [], Rereads().Select(found => found.Id));
    }

    [Fact]
    public void A_record_that_is_twice_in_the_logs_is_a_duplicate_of_another_kind()
    {
        var (id, _) = Delivered(Early);
        var twin = _drill.Origin(id) with { Cluster = "west", Offset = 900_000 };
        _drill.Settled.Add(twin);
        Again(id, twin, 11500);

        Assert.Empty(Rereads());
        Assert.Equal(1, Verdict().Records.DuplicatedInLog);
    }

    private Verdict Verdict() => VerdictBuilder.Build(_drill.Evidence());

    private List<Anomaly> Rereads(Func<DrillEvidence, DrillEvidence>? change = null)
    {
        var evidence = _drill.Evidence();
        return [.. Checker.Check(change?.Invoke(evidence) ?? evidence).Anomalies.Where(anomaly => anomaly.Kind == AnomalyKinds.Reread)];
    }

    /// <summary>The first record that the consumer behind the proxy was delivered from its own topic after a moment.</summary>
    private (string Id, Observation Delivered) Delivered(double after) =>
        _drill.Observations.Where(seen => seen.Kind == ObservationKind.Delivered && seen.Client == SampleDrill.ProxyConsumer && seen.AtMs >= after && seen.Topic == "chuck-java-topic")
            .OrderBy(seen => seen.AtMs).Select(seen => (seen.Id, seen)).First();

    private IEnumerable<Observation> Commits(string topic, int partition) =>
        _drill.Observations.Where(seen => seen.Kind == ObservationKind.OffsetCommitted && seen.Topic == topic && seen.Partition == partition);

    /// <summary>Plants one more delivery of a record, by the pod that was at work there then.</summary>
    private void Again(string id, ClusterRecord place, double at) => _drill.Observations.Add(new Observation(
        ObservationKind.Delivered, SampleDrill.ProxyConsumer, PodOn(place.Cluster, at), id, at, place.Topic, place.Key, place.Partition, place.Offset));

    private string PodOn(string cluster, double at) =>
        _drill.PodFacts.Last(pod => pod.Client == SampleDrill.ProxyConsumer && pod.Cluster == cluster && pod.StartedMs <= at).Pod;

    private void TakeUpOnNorth(double at = Assigned) => _drill.Observations.Add(new Observation(
        ObservationKind.Rebalanced, SampleDrill.ProxyConsumer, _drill.PodFacts.Last(pod => pod.Client == SampleDrill.ProxyConsumer).Pod, "assigned", at));
}
