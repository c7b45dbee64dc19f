using System.Text.RegularExpressions;
using Switchback.Drills.Ledger;
using Switchback.Drills.Reports;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Reports;

public sealed class ReportPageTests
{
    private readonly SampleDrill _drill = new();

    [Fact]
    public void The_page_says_the_verdict_first_and_shows_every_client_and_command()
    {
        var verdict = VerdictBuilder.Build(_drill.Evidence());
        var page = Page();

        Assert.Contains($"<h1>{verdict.Sentence}</h1>", page);
        Assert.All(verdict.Clients, client => Assert.Contains($"data-client=\"{client.Name}\"", page));
        Assert.All(verdict.Steps.Where(step => step.Command is not null), step => Assert.Contains($"<code>{step.Command}</code>", page));
        Assert.Contains("session.timeout.ms (6 s)", page);
    }

    [Fact]
    public void Every_anomaly_is_listed_with_its_id()
    {
        var lost = _drill.Acknowledged(SampleDrill.ProxyProducer)[10];
        _drill.Settled.RemoveAll(record => record.Id == lost);
        var verdict = VerdictBuilder.Build(_drill.Evidence());
        var page = Page();

        Assert.All(verdict.Anomalies.Where(anomaly => anomaly.Id is not null), anomaly => Assert.Contains($"<code>{anomaly.Id}</code>", page));
        Assert.Contains("data-kind=\"lost\"", page);
    }

    [Fact]
    public void Nothing_is_fetched_and_nothing_runs()
    {
        var page = Page();

        Assert.DoesNotMatch(new Regex("<(script|link|img|iframe|object|embed)\\b", RegexOptions.IgnoreCase), page);
        Assert.DoesNotMatch(new Regex("(src|href)\\s*=|url\\(|@import|https?://", RegexOptions.IgnoreCase), page);
    }

    [Fact]
    public void What_others_wrote_is_escaped()
    {
        const string Hostile = "<script>alert('x')</script>\"&";
        var evidence = _drill.Evidence();
        evidence = evidence with
        {
            Facts = evidence.Facts with { Scenario = Hostile, Kafka = Hostile },
            Steps = [.. evidence.Steps, new StepFact(StepKind.Step, Hostile, 1, 2, Hostile)],
            Observations = [.. evidence.Observations, new Observation(ObservationKind.Sent, SampleDrill.ProxyProducer, Hostile, Hostile, 100, Hostile, Hostile)],
        };

        var page = ReportPage.Render(evidence, VerdictBuilder.Build(evidence)).Markup;

        Assert.DoesNotContain("<script", page);
        Assert.Contains("&lt;script&gt;", page);
    }

    [Fact]
    public void A_drill_that_observed_nothing_still_gives_a_page()
    {
        var evidence = new DrillEvidence { Facts = _drill.Evidence().Facts };
        var verdict = VerdictBuilder.Build(evidence);

        Assert.False(verdict.Holds);
        Assert.Contains("could not be decided", ReportPage.Render(evidence, verdict).Markup);
    }

    private string Page()
    {
        var evidence = _drill.Evidence();
        return ReportPage.Render(evidence, VerdictBuilder.Build(evidence)).Markup;
    }
}
