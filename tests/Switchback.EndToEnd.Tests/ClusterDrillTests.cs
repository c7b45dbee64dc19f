using System.Text.Json;

namespace Switchback.EndToEnd.Tests;

/// <summary>The same scenario on a real Kubernetes with Apache Kafka: <c>./test --kubernetes CONTEXT</c>. The images are loaded there before (scripts/images).</summary>
[Trait("Suite", "Kubernetes")]
public sealed class ClusterDrillTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task The_scenario_holds_on_a_real_cluster()
    {
        var context = Environment.GetEnvironmentVariable("SWITCHBACK_TEST_KUBERNETES");
        Assert.SkipWhen(string.IsNullOrEmpty(context), "no cluster was named: ./test --kubernetes CONTEXT");
        var kafka = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")) ? "embedded" : "apache";
        using var report = new ReportFolder();

        var outcome = await Product.RunAsync(
            Product.Start("drill", "active-active", "--kubernetes", context, "--kafka", kafka, "--report", report.Path), Patience);

        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        using var verdict = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(report.Path, "verdict.json"), TestContext.Current.CancellationToken));
        Assert.True(verdict.RootElement.GetProperty("holds").GetBoolean());
        Assert.Equal("cluster", verdict.RootElement.GetProperty("network").GetString());
        Assert.Equal(0, verdict.RootElement.GetProperty("records").GetProperty("lost").GetInt32());
        Assert.True(verdict.RootElement.GetProperty("records").GetProperty("acknowledged").GetInt32() > 1_000);
    }
}
