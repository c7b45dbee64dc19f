using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Checking;

/// <summary>A checker is only believed once it has caught something: each defect is planted alone, and the verdict names it.</summary>
public sealed class PlantedFaultTests
{
    private readonly SampleDrill _drill = new();

    [Fact]
    public void A_drill_without_defects_holds_and_accounts_for_every_record()
    {
        var verdict = Verdict();

        Assert.True(verdict.Holds);
        Assert.Equal(verdict.Records.Sent, verdict.Records.Acknowledged + verdict.Records.Failed + verdict.Records.Unknown);
        Assert.Equal(_drill.Observations.Count(seen => seen.Kind == ObservationKind.Sent), verdict.Records.Sent);
        Assert.True(verdict.Records.Unknown > 0, "what the old pods held when they ended");
        Assert.All(verdict.Anomalies, anomaly => Assert.Contains(anomaly.Kind, new[] { AnomalyKinds.Unknown, AnomalyKinds.Stranded }));
    }

    [Fact]
    public void A_record_lost()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        var origin = _drill.Origin(id);
        Forget(id);

        var verdict = Verdict();

        var lost = Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Lost);
        Assert.Equal((id, "north", origin.Topic, origin.Partition, origin.Offset), (lost.Id, lost.Cluster, lost.Topic, lost.Partition, lost.Offset));
        Assert.Equal(1, verdict.Records.Lost);
        Assert.False(verdict.Holds);
        Assert.Contains("1 of", verdict.Sentence);
    }

    [Fact]
    public void A_record_lost_whose_place_was_given_to_another()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        var origin = _drill.Origin(id);
        Forget(id);
        _drill.Settled.Add(origin with { Id = _drill.Acknowledged(SampleDrill.ProxyProducer)[41], Key = "other" });

        var found = Verdict().Anomalies.Where(anomaly => anomaly.Id == id).Select(anomaly => anomaly.Kind);

        Assert.Equal([AnomalyKinds.Lost, AnomalyKinds.Reassigned], found.Order());
    }

    [Fact]
    public void A_record_that_only_the_mirrors_copy_still_has_is_not_lost()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        _drill.Settled.Remove(_drill.Origin(id));

        Assert.Equal(0, Verdict().Records.Lost);
    }

    [Fact]
    public void A_record_found_only_in_a_topic_where_it_does_not_belong_is_lost_and_misplaced()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        var origin = _drill.Origin(id);
        Forget(id);
        _drill.Settled.Add(origin with { Topic = "west-north-chuck-java-topic" });

        var verdict = Verdict();

        Assert.Equal(1, verdict.Records.Lost);
        Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Misplaced && anomaly.Id == id);
    }

    [Fact]
    public void A_record_skipped()
    {
        var id = _drill.Acknowledged(SampleDrill.DirectProducer)[7];
        _drill.Observations.RemoveAll(seen => seen.Kind == ObservationKind.Delivered && seen.Id == id);

        var verdict = Verdict();

        var skipped = Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Skipped);
        Assert.Equal((id, SampleDrill.DirectConsumer), (skipped.Id, skipped.Client));
        Assert.Equal(1, verdict.Records.Skipped);
    }

    [Fact]
    public void A_record_twice_in_its_own_topic()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[3];
        _drill.Settled.Add(_drill.Origin(id) with { Offset = 100_000 });

        var verdict = Verdict();

        var twice = Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.DuplicatedInLog);
        Assert.Equal((id, 100_000L), (twice.Id, twice.Offset));
        Assert.Contains("its own topic", twice.Detail);
        Assert.Equal((1, 1, 0), (verdict.Records.Duplicated, verdict.Records.DuplicatedInLog, verdict.Records.DuplicatedDeliveries));
    }

    [Fact]
    public void A_record_in_its_own_topic_on_both_clusters()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[3];
        _drill.Settled.Add(_drill.Origin(id) with { Cluster = "west", Offset = 100_000 });

        Assert.Single(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.DuplicatedInLog && anomaly.Id == id);
    }

    [Fact]
    public void A_record_twice_in_the_mirrors_copy()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[3];
        _drill.Settled.Add(_drill.Copy(id) with { Offset = 100_000 });

        var twice = Assert.Single(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.DuplicatedInLog);

        Assert.Equal((id, "north-chuck-java-topic"), (twice.Id, twice.Topic));
        Assert.Contains("the mirror's copy", twice.Detail);
    }

    [Fact]
    public void A_record_delivered_twice_through_the_origin_and_the_mirror()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[3];
        var copy = _drill.Copy(id);
        var delivered = _drill.Observations.Single(seen => seen.Kind == ObservationKind.Delivered && seen.Id == id);
        _drill.Observations.Add(delivered with { Pod = "another", AtMs = SampleDrill.Switch + 4000, Topic = copy.Topic, Partition = copy.Partition, Offset = copy.Offset });

        var verdict = Verdict();

        var twice = Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.DuplicatedDelivery);
        Assert.Equal(id, twice.Id);
        Assert.Contains("delivered 2 times to chuck-java-cg", twice.Detail);
        Assert.Equal((1, 0, 1), (verdict.Records.Duplicated, verdict.Records.DuplicatedInLog, verdict.Records.DuplicatedDeliveries));
    }

    [Fact]
    public void The_same_line_read_twice_is_one_delivery()
    {
        _drill.Observations.AddRange(_drill.Observations.Where(seen => seen.Kind == ObservationKind.Delivered).Take(50).ToList());

        Assert.Equal(0, Verdict().Records.Duplicated);
    }

    [Fact]
    public void Two_records_of_one_producer_and_key_in_the_other_order()
    {
        var (first, second) = SameKey();
        var (a, b) = (_drill.Origin(first), _drill.Origin(second));
        _drill.Settled[_drill.Settled.IndexOf(a)] = a with { Offset = b.Offset };
        _drill.Settled[_drill.Settled.IndexOf(b)] = b with { Offset = a.Offset };

        var verdict = Verdict();

        var reordered = Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Reordered);
        Assert.Equal((first, "north", a.Topic), (reordered.Id, reordered.Cluster, reordered.Topic));
        Assert.Contains(second, reordered.Detail);
        Assert.Equal(1, verdict.Records.Reordered);
    }

    [Fact]
    public void Two_records_in_the_other_order_in_the_mirrors_copy_alone()
    {
        var (first, second) = SameKey();
        var (a, b) = (_drill.Copy(first), _drill.Copy(second));
        _drill.Settled[_drill.Settled.IndexOf(a)] = a with { Offset = b.Offset };
        _drill.Settled[_drill.Settled.IndexOf(b)] = b with { Offset = a.Offset };

        var reordered = Assert.Single(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Reordered);

        Assert.Equal((first, "west", a.Topic), (reordered.Id, reordered.Cluster, reordered.Topic));
    }

    [Fact]
    public void A_record_stranded_and_one_that_arrived_in_time()
    {
        var before = Verdict().Records.Stranded;
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer, 3000, 4000)[0];
        Assert.Equal(1, _drill.DuringDisaster.RemoveAll(record => record.Id == id));

        var verdict = Verdict();

        Assert.Equal(before + 1, verdict.Records.Stranded);
        var stranded = Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Stranded && anomaly.Id == id);
        Assert.Equal(("north", "chuck-java-topic"), (stranded.Cluster, stranded.Topic));
        Assert.Equal(0, verdict.Records.Lost);
    }

    [Fact]
    public void A_mirror_that_stops()
    {
        var ids = _drill.Acknowledged(SampleDrill.ProxyProducer, SampleDrill.Switch + 6000, SampleDrill.Back);
        Assert.NotEmpty(ids);
        foreach (var id in ids)
        {
            _drill.Settled.Remove(_drill.Copy(id));
        }

        var verdict = Verdict();

        Assert.Equal(ids.Order(), verdict.Anomalies.Where(anomaly => anomaly.Kind == AnomalyKinds.Unmirrored).Select(anomaly => anomaly.Id).Order());
        Assert.Contains("west-north-clink", verdict.Anomalies.First(anomaly => anomaly.Kind == AnomalyKinds.Unmirrored).Detail);
        Assert.False(verdict.Holds);
        Assert.Equal(0, verdict.Records.Lost);
    }

    [Theory]
    [InlineData(SampleDrill.ProxyProducer)]
    [InlineData(SampleDrill.DirectConsumer)]
    public void A_client_that_never_comes_back(string client)
    {
        _drill.Observations.RemoveAll(seen => seen.Client == client && seen.AtMs > SampleDrill.Back && seen.Kind is ObservationKind.Delivered or ObservationKind.Acknowledged
            && seen.Client == client);
        if (client == SampleDrill.ProxyProducer)
        {
            var gone = _drill.Observations.Where(seen => seen.Client == client && seen.Kind == ObservationKind.Sent && seen.AtMs > SampleDrill.Back - 10).Select(seen => seen.Id).ToHashSet();
            _drill.Settled.RemoveAll(record => gone.Contains(record.Id!));
            _drill.Observations.RemoveAll(seen => seen.Kind == ObservationKind.Delivered && gone.Contains(seen.Id));
        }

        var verdict = Verdict();

        Assert.False(verdict.Holds);
        var stuck = Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.NoProgress && anomaly.Client == client);
        Assert.Contains("after failback by north", stuck.Detail);
        var outage = verdict.Clients.Single(known => known.Name == client).Outages[^1];
        Assert.Equal((PhaseNames.Failback, false), (outage.Phase, outage.Recovered));
        Assert.Contains($"{client} never came back", verdict.Sentence);
    }

    [Fact]
    public void A_client_that_stays_on_the_lost_side_of_a_switch()
    {
        // Its old pod goes on against west after the order to go back: that is no progress after failback.
        _drill.Observations.RemoveAll(seen => seen.Client == SampleDrill.ProxyConsumer && seen.Kind == ObservationKind.Delivered && seen.AtMs > SampleDrill.Back);
        var place = _drill.Settled.First(record => record.Cluster == "west" && record.Topic == "chuck-java-topic");
        _drill.Observations.Add(new Observation(
            ObservationKind.Delivered, SampleDrill.ProxyConsumer, "old", place.Id!, SampleDrill.Back + 500, place.Topic, place.Key, place.Partition, place.Offset));

        Assert.Single(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.NoProgress);
    }

    [Fact]
    public void A_failed_record_that_is_there_all_the_same()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[3];
        var told = _drill.Observations.Single(seen => seen.Kind == ObservationKind.Acknowledged && seen.Id == id);
        _drill.Observations[_drill.Observations.IndexOf(told)] = told with { Kind = ObservationKind.Failed, Partition = null, Offset = null, Error = "_MSG_TIMED_OUT" };

        var verdict = Verdict();

        Assert.Equal((1, 1), (verdict.Records.Failed, verdict.Records.FailedFound));
        Assert.Contains("_MSG_TIMED_OUT", Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.FailedFound).Detail);
    }

    [Fact]
    public void An_unknown_record_that_was_stored_is_told_from_one_that_vanished()
    {
        var before = Verdict().Records;
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[3];
        _drill.Observations.RemoveAll(seen => seen.Kind == ObservationKind.Acknowledged && seen.Id == id);

        var after = Verdict().Records;

        Assert.Equal((before.Unknown + 1, before.UnknownFound + 1, before.SilentlyLost), (after.Unknown, after.UnknownFound, after.SilentlyLost));
    }

    [Fact]
    public void A_record_that_nobody_says_it_sent()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[3];
        _drill.Observations.RemoveAll(seen => seen.Client == SampleDrill.ProxyProducer && seen.Id == id);

        Assert.Contains(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Unaccounted && anomaly.Id == id);
    }

    [Theory]
    [InlineData("north", nameof(SnapshotMoment.Settled))]
    [InlineData("west", nameof(SnapshotMoment.Disaster))]
    public void A_cluster_that_was_not_read_leaves_the_verdict_undecided(string cluster, string moment)
    {
        _drill.Snapshots.RemoveAll(snapshot => snapshot.Cluster == cluster && snapshot.Moment.ToString() == moment);
        _drill.Bars.Clear();

        var verdict = Verdict();

        Assert.False(verdict.Holds);
        Assert.Single(verdict.Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Undecided && anomaly.Cluster == cluster);
    }

    [Fact]
    public void A_rollout_too_many()
    {
        var index = _drill.Rollouts.FindIndex(rollout => rollout.Expected == 0);
        _drill.Rollouts[index] = _drill.Rollouts[index] with { Observed = 1 };

        var bar = Assert.Single(Verdict().Bars, bar => !bar.Holds);

        Assert.Equal(Bars.OneRolloutPerChange, bar.Bar);
        Assert.Contains(_drill.Rollouts[index].Workload, bar.Detail);
    }

    private Verdict Verdict() => VerdictBuilder.Build(_drill.Evidence());

    /// <summary>A record that no cluster has any more and nobody was delivered.</summary>
    private void Forget(string id)
    {
        _drill.Settled.RemoveAll(record => record.Id == id);
        _drill.Observations.RemoveAll(seen => seen.Kind == ObservationKind.Delivered && seen.Id == id);
    }

    private (string First, string Second) SameKey()
    {
        var ids = _drill.Acknowledged(SampleDrill.ProxyProducer, 0, SampleDrill.Crash);
        var pair = ids.GroupBy(id => _drill.Origin(id).Key).First(group => group.Count() > 1).ToList();
        return (pair[0], pair[1]);
    }
}
