using Switchback.Drills.Ledger;
using Switchback.Drills.Reports;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Verdicts;

/// <summary>What the proxies say of themselves gets from their metrics to the verdict and the report.</summary>
public sealed class ProxyVerdictTests
{
    /// <summary>As a proxy of two brokers shows it, in the Prometheus text format.</summary>
    private const string Metrics = """
        # HELP proxy_connections_total Client connections, by broker
        # TYPE proxy_connections_total counter
        proxy_connections_total{broker="a:1"} 3
        proxy_connections_total{broker="b:1"} 2
        proxy_opened_connections{broker="a:1"} 1
        proxy_connection_errors_total{broker="b:1"} 2
        proxy_requests_bytes{broker="a:1"} 1000
        proxy_responses_bytes{broker="a:1"} 3e3
        proxy_requests_total{api_key="0",api_version="9",broker="a:1"} 40
        proxy_requests_total{api_key="3",api_version="12",broker="b:1"} 2
        proxy_ready 1
        process_resident_memory_bytes 1
        """;

    [Fact]
    public void The_metrics_of_a_proxy_are_read_and_summed_over_its_brokers() => Assert.Equal(
        new ProxySample("c", "p", 1500, Ready: true, Open: 1, Connections: 5, Errors: 2, Requests: 42, RequestBytes: 1000, ResponseBytes: 3000),
        ProxySample.Parse(Metrics, "c", "p", 1500));

    [Theory]
    [InlineData("")]
    [InlineData("<html>no proxy</html>")]
    public void What_is_no_proxys_is_no_sample(string text) => Assert.Null(ProxySample.Parse(text, "c", "p", 0));

    [Fact]
    public void Each_pods_proxy_is_in_the_verdict_with_the_time_it_reached_no_broker()
    {
        var drill = new SampleDrill();
        var verdict = VerdictBuilder.Build(drill.Evidence());

        Assert.Equal(6, verdict.Proxies.Count);
        var first = verdict.Proxies.First(proxy => proxy.Client == SampleDrill.ProxyProducer);
        Assert.Equal(("north", 4L, 3L), (first.Cluster, first.Connections, first.Errors));
        Assert.Equal(SampleDrill.Crash + 1000, Assert.Single(first.UpstreamAway).FromMs);
        Assert.Empty(verdict.Proxies.Last(proxy => proxy.Client == SampleDrill.ProxyProducer).UpstreamAway);

        var page = ReportPage.Render(drill.Evidence(), verdict).Markup;
        Assert.Contains("What the proxies counted", page, StringComparison.Ordinal);
        Assert.All(verdict.Proxies, proxy => Assert.Contains($"data-pod=\"{proxy.Pod}\"", page, StringComparison.Ordinal));
    }

    [Fact]
    public void A_drill_without_proxies_has_no_such_section()
    {
        var drill = new SampleDrill();
        drill.Proxies.Clear();
        Assert.DoesNotContain("What the proxies counted", ReportPage.Render(drill.Evidence(), VerdictBuilder.Build(drill.Evidence())).Markup, StringComparison.Ordinal);
    }
}
