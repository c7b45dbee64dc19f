using Switchback.Drills.Checking;
using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Checking;

/// <summary>The oracles of the field, each planted alone and named by the verdict, and each exception that is none.</summary>
public sealed class OracleTests
{
    private readonly SampleDrill _drill = new();

    [Fact]
    public void A_lost_write_has_a_higher_offset_of_its_partition_read()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        var origin = _drill.Origin(id);
        Forget(id);

        var found = Only(AnomalyKinds.LostWrite);

        Assert.Equal((id, "north", origin.Topic, origin.Partition, origin.Offset), (found.Id, found.Cluster, found.Topic, found.Partition, found.Offset));
        Assert.DoesNotContain(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Unseen);
    }

    [Fact]
    public void An_unseen_write_is_above_all_that_was_read_of_its_partition()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer).Last(id => !_drill.Settled.Any(after => SamePartition(after, _drill.Origin(id)) && after.Offset > _drill.Origin(id).Offset));
        Forget(id);

        Assert.Equal(id, Only(AnomalyKinds.Unseen).Id);
        Assert.DoesNotContain(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.LostWrite);
    }

    [Fact]
    public void A_write_that_was_read_before_it_was_lost_is_neither()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        _drill.Settled.RemoveAll(record => record.Id == id);

        Assert.Contains(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.Lost && anomaly.Id == id);
        Assert.DoesNotContain(Verdict().Anomalies, anomaly => anomaly.Kind is AnomalyKinds.LostWrite or AnomalyKinds.Unseen);
    }

    [Fact]
    public void Offsets_given_again_after_the_cluster_came_back_are_another_epochs()
    {
        // The last record of a partition before the crash is gone, and its offset was given to one that came after the return.
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer, 0, SampleDrill.Crash - 100)
            .Last(id => !_drill.Settled.Any(after => SamePartition(after, _drill.Origin(id)) && after.Offset > _drill.Origin(id).Offset && after.TimestampMs < SampleDrill.Crash));
        var origin = _drill.Origin(id);
        var heir = _drill.Acknowledged(SampleDrill.ProxyProducer, SampleDrill.Back + 3000).First(id => SamePartition(_drill.Origin(id), origin));
        Move(heir, origin.Offset);
        Forget(id);

        Assert.Equal(id, Only(AnomalyKinds.Unseen).Id);
        Assert.DoesNotContain(Verdict().Anomalies, anomaly => anomaly.Kind is AnomalyKinds.LostWrite or AnomalyKinds.InconsistentOffset);
    }

    [Fact]
    public void Two_records_at_one_place_are_inconsistent_within_one_epoch()
    {
        var (first, second) = Neighbours();
        var told = _drill.Observations.Single(seen => seen.Kind == ObservationKind.Delivered && seen.Id == second);
        _drill.Observations[_drill.Observations.IndexOf(told)] = told with { Offset = _drill.Origin(first).Offset };

        Assert.Equal(_drill.Origin(first).Offset, Only(AnomalyKinds.InconsistentOffset).Offset);
    }

    [Fact]
    public void A_poll_that_passes_a_record_over()
    {
        var skipped = Between();
        _drill.Observations.RemoveAll(seen => seen.Kind == ObservationKind.Delivered && seen.Id == skipped);

        var found = Only(AnomalyKinds.PollSkip);

        Assert.Equal((skipped, SampleDrill.ProxyConsumer), (found.Id, found.Client));
    }

    [Fact]
    public void A_poll_may_pass_records_over_across_a_rebalance()
    {
        var skipped = Between();
        var delivered = _drill.Observations.Single(seen => seen.Kind == ObservationKind.Delivered && seen.Id == skipped);
        _drill.Observations.Remove(delivered);
        _drill.Observations.Add(new Observation(ObservationKind.Rebalanced, delivered.Client, delivered.Pod, "assigned", delivered.AtMs));

        Assert.DoesNotContain(Verdict().Anomalies, anomaly => anomaly.Kind == AnomalyKinds.PollSkip);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_poll_that_goes_back_is_named_unless_a_rebalance_allows_it(bool rebalanced)
    {
        var (_, second) = Neighbours();
        var delivered = _drill.Observations.Single(seen => seen.Kind == ObservationKind.Delivered && seen.Id == second);
        _drill.Observations.Add(delivered with { AtMs = delivered.AtMs + 1 });
        if (rebalanced)
        {
            _drill.Observations.Add(new Observation(ObservationKind.Rebalanced, delivered.Client, delivered.Pod, "assigned", delivered.AtMs + 0.5));
        }

        Assert.Equal(rebalanced ? [] : [second], Verdict().Anomalies.Where(anomaly => anomaly.Kind == AnomalyKinds.Rewound).Select(anomaly => anomaly.Id));
    }

    [Fact]
    public void A_send_whose_offset_is_below_that_of_the_one_before()
    {
        var (first, second) = Neighbours();
        var (a, b) = (Told(first), Told(second));
        _drill.Observations[_drill.Observations.IndexOf(a)] = a with { Offset = b.Offset };
        _drill.Observations[_drill.Observations.IndexOf(b)] = b with { Offset = a.Offset };

        Assert.Equal(second, Only(AnomalyKinds.NonMonotonicSend).Id);
    }

    [Theory]
    [InlineData(ObservationKindName.Aborted, AnomalyKinds.AbortedRead)]
    [InlineData(ObservationKindName.Committing, AnomalyKinds.PrecommittedRead)]
    public void A_read_of_an_aborted_transaction_and_one_before_the_commit(string planted, string kind)
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        var delivered = _drill.Observations.Single(seen => seen.Kind == ObservationKind.Delivered && seen.Id == id);
        Transact(id, planted == ObservationKindName.Aborted, planted == ObservationKindName.Committing ? delivered.AtMs + 1 : delivered.AtMs - 1);

        var found = Only(kind);

        Assert.Equal((id, SampleDrill.ProxyConsumer), (found.Id, found.Client));
        Assert.Equal(planted == ObservationKindName.Aborted ? 1 : 0, Verdict().Records.Failed);
    }

    [Fact]
    public void A_read_after_the_commit_was_asked_for_is_none_even_before_it_is_reported()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        Transact(id, aborted: false, _drill.Observations.Single(seen => seen.Kind == ObservationKind.Delivered && seen.Id == id).AtMs - 1);

        var verdict = Verdict();

        Assert.DoesNotContain(verdict.Anomalies, anomaly => anomaly.Id == id);
        Assert.Equal(0, verdict.Records.Failed);
    }

    [Fact]
    public void An_application_that_asks_for_open_transactions_may_read_them()
    {
        var id = _drill.Acknowledged(SampleDrill.ProxyProducer)[40];
        Transact(id, aborted: true, 0);
        var evidence = _drill.Evidence();
        evidence = evidence with { Facts = evidence.Facts with { Clients = [.. evidence.Facts.Clients.Select(client => client with { ReadsUncommitted = true })] } };

        Assert.DoesNotContain(VerdictBuilder.Build(evidence).Anomalies, anomaly => anomaly.Kind == AnomalyKinds.AbortedRead);
    }

    [Theory]
    [InlineData(AnomalyKinds.LostWrite)]
    [InlineData(AnomalyKinds.Unseen)]
    [InlineData(AnomalyKinds.PollSkip)]
    [InlineData(AnomalyKinds.NonMonotonicSend)]
    [InlineData(AnomalyKinds.InconsistentOffset)]
    [InlineData(AnomalyKinds.AbortedRead)]
    [InlineData(AnomalyKinds.PrecommittedRead)]
    [InlineData(AnomalyKinds.Reread)]
    public void Each_can_be_a_bar(string kind)
    {
        Assert.Null(Bars.Parse($"{kind} = 0").Error);
        _drill.Bars.Add($"{kind} = 0");
        Assert.True(Verdict().Holds);
    }

    private Verdict Verdict() => VerdictBuilder.Build(_drill.Evidence());

    private Anomaly Only(string kind) => Assert.Single(Verdict().Anomalies, anomaly => anomaly.Kind == kind);

    private static bool SamePartition(ClusterRecord one, ClusterRecord other) => (one.Cluster, one.Topic, one.Partition) == (other.Cluster, other.Topic, other.Partition);

    private Observation Told(string id) => _drill.Observations.Single(seen => seen.Kind == ObservationKind.Acknowledged && seen.Id == id);

    private void Forget(string id)
    {
        _drill.Settled.RemoveAll(record => record.Id == id);
        _drill.DuringDisaster.RemoveAll(record => record.Id == id);
        _drill.Observations.RemoveAll(seen => seen.Kind == ObservationKind.Delivered && seen.Id == id);
    }

    /// <summary>Gives a record another offset in its own topic, for everyone who tells of it.</summary>
    private void Move(string id, long offset)
    {
        var origin = _drill.Origin(id);
        _drill.Settled[_drill.Settled.IndexOf(origin)] = origin with { Offset = offset };
        for (var i = 0; i < _drill.Observations.Count; i++)
        {
            if (_drill.Observations[i].Id == id && _drill.Observations[i].Topic == origin.Topic && _drill.Observations[i].Offset == origin.Offset)
            {
                _drill.Observations[i] = _drill.Observations[i] with { Offset = offset };
            }
        }
    }

    /// <summary>Two records of one producer and key, one after the other in their partition, before the disaster.</summary>
    private (string First, string Second) Neighbours()
    {
        var ids = _drill.Acknowledged(SampleDrill.ProxyProducer, 0, SampleDrill.Crash - 1000);
        var pair = ids.GroupBy(id => _drill.Origin(id).Key).Select(group => group.ToList())
            .SelectMany(group => group.Zip(group.Skip(1))).First(pair => _drill.Origin(pair.First).Offset + 1 == _drill.Origin(pair.Second).Offset);
        return pair;
    }

    /// <summary>A record of the time before the disaster that its consumer was delivered others of the partition before and after.</summary>
    private string Between() => _drill.Acknowledged(SampleDrill.ProxyProducer, 1000, SampleDrill.Crash - 1000)
        .First(id => _drill.Settled.Count(other => SamePartition(other, _drill.Origin(id)) && Math.Abs(other.Offset - _drill.Origin(id).Offset) == 1) == 2);

    private void Transact(string id, bool aborted, double committingMs)
    {
        var sent = _drill.Observations.Single(seen => seen.Kind == ObservationKind.Sent && seen.Id == id);
        _drill.Observations[_drill.Observations.IndexOf(sent)] = sent with { Transaction = "t-1" };
        if (aborted)
        {
            _drill.Observations.Add(new Observation(ObservationKind.Aborted, sent.Client, sent.Pod, "t-1", sent.AtMs + 50));
            return;
        }

        _drill.Observations.Add(new Observation(ObservationKind.Committing, sent.Client, sent.Pod, "t-1", committingMs));
        _drill.Observations.Add(new Observation(ObservationKind.Committed, sent.Client, sent.Pod, "t-1", committingMs + 20));
    }

    /// <summary>The planted events by name: the enumeration itself is no public type.</summary>
    private static class ObservationKindName
    {
        public const string Aborted = "aborted";
        public const string Committing = "committing";
    }
}
