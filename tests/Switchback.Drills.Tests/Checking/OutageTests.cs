using Switchback.Drills.Ledger;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Checking;

public sealed class OutageTests
{
    private readonly SampleDrill _drill = new();

    [Theory]
    [InlineData(SampleDrill.ProxyProducer, ObservationKindName.Acknowledged)]
    [InlineData(SampleDrill.DirectProducer, ObservationKindName.Acknowledged)]
    [InlineData(SampleDrill.ProxyConsumer, ObservationKindName.Delivered)]
    [InlineData(SampleDrill.DirectConsumer, ObservationKindName.Delivered)]
    public void The_failovers_outage_reaches_from_the_last_step_before_the_crash_to_the_first_one_after(string client, string kind)
    {
        var times = _drill.Observations.Where(seen => seen.Client == client && seen.Kind.ToString() == kind).Select(seen => seen.AtMs).ToList();

        var outage = Assert.Single(Outages(client), outage => outage.Phase == PhaseNames.Failover);

        // The last ones the crash let through arrive a little after it.
        Assert.Equal(times.Where(at => at < SampleDrill.Crash + 100).Max(), outage.FromMs, 0.051);
        Assert.Equal(times.Where(at => at > SampleDrill.Switch).Min(), outage.ToMs, 0.051);
        Assert.Equal(outage.ToMs - outage.FromMs, outage.OutageMs, 0.11);
        Assert.True(outage.Recovered);
    }

    [Fact]
    public void A_producer_that_hands_over_without_a_gap_has_a_short_outage_at_failback()
    {
        var outage = Assert.Single(Outages(SampleDrill.ProxyProducer), outage => outage.Phase == PhaseNames.Failback);

        Assert.InRange(outage.OutageMs, 1, 200);
    }

    [Fact]
    public void A_group_that_waits_for_a_dead_member_is_named()
    {
        var outage = Assert.Single(Outages(SampleDrill.ProxyConsumer), outage => outage.Phase == PhaseNames.Failback);

        Assert.InRange(outage.OutageMs, 6000, 9000);
        Assert.Contains("session.timeout.ms (6 s)", outage.Explanation);
    }

    [Fact]
    public void A_wait_that_the_timeout_does_not_explain_is_not_blamed_on_it()
    {
        var outage = Assert.Single(Outages(SampleDrill.ProxyProducer), outage => outage.Phase == PhaseNames.Failover);

        Assert.DoesNotContain("session.timeout.ms", outage.Explanation);
        Assert.Contains("until the switch was ordered", outage.Explanation);
        Assert.Contains("until the new pod started", outage.Explanation);
    }

    [Fact]
    public void A_consumers_outage_says_for_how_long_its_producers_gave_it_nothing()
    {
        var producer = Assert.Single(Outages(SampleDrill.ProxyProducer), outage => outage.Phase == PhaseNames.Failover);
        var consumer = Assert.Single(Outages(SampleDrill.ProxyConsumer), outage => outage.Phase == PhaseNames.Failover);

        var idle = System.Text.RegularExpressions.Regex.Match(consumer.Explanation!, @"For (\d+\.\d) s of it nothing new was acknowledged").Groups[1].Value;
        Assert.Equal(producer.OutageMs / 1000, double.Parse(idle, System.Globalization.CultureInfo.InvariantCulture), 0.1);
        Assert.DoesNotContain("nothing new", Assert.Single(Outages(SampleDrill.ProxyConsumer), outage => outage.Phase == PhaseNames.Failback).Explanation);
        Assert.DoesNotContain("session.timeout.ms", consumer.Explanation);
    }

    [Fact]
    public void A_time_without_load_is_no_outage()
    {
        // Everything of four steady seconds never happened.
        var idle = _drill.Observations.Where(seen => seen.Kind == ObservationKind.Sent && seen.AtMs is > 500 and < 4500).Select(seen => seen.Id).ToHashSet();
        _drill.Observations.RemoveAll(seen => idle.Contains(seen.Id));
        _drill.Requests.RemoveAll(request => request.AtMs is > 490 and < 4510);

        Assert.All(SampleDrillClients(), client => Assert.DoesNotContain(Outages(client), outage => outage.Phase == PhaseNames.Steady));
    }

    [Fact]
    public void A_stall_in_steady_is_an_outage_of_steady()
    {
        var late = _drill.Observations.Where(seen => seen.Kind == ObservationKind.Acknowledged && seen.Client == SampleDrill.ProxyProducer && seen.AtMs is > 1000 and < 3000).ToList();
        foreach (var seen in late)
        {
            _drill.Observations[_drill.Observations.IndexOf(seen)] = seen with { AtMs = 3000 };
        }

        var outage = Assert.Single(Outages(SampleDrill.ProxyProducer), outage => outage.Phase == PhaseNames.Steady);

        Assert.InRange(outage.OutageMs, 1990, 2060);
    }

    [Fact]
    public void Each_client_moves_forward_in_each_phase_and_the_phases_account_for_every_send()
    {
        var verdict = VerdictBuilder.Build(_drill.Evidence());

        Assert.Equal(verdict.Records.Sent, verdict.Clients.Sum(client => client.Progress.Sum(phase => phase.Sent)));
        Assert.All(verdict.Clients, client => Assert.Equal(verdict.Phases.Count, client.Progress.Count));
        var disaster = verdict.Clients[0].Progress.Single(phase => phase.Phase == PhaseNames.Disaster);
        Assert.True(disaster.Sent > 0, "sends during the disaster are counted");
    }

    private static string[] SampleDrillClients() =>
        [SampleDrill.ProxyProducer, SampleDrill.ProxyConsumer, SampleDrill.DirectProducer, SampleDrill.DirectConsumer];

    private IReadOnlyList<Outage> Outages(string client) => VerdictBuilder.Build(_drill.Evidence()).Clients.Single(known => known.Name == client).Outages;

    private static class ObservationKindName
    {
        public const string Acknowledged = nameof(ObservationKind.Acknowledged);
        public const string Delivered = nameof(ObservationKind.Delivered);
    }
}
