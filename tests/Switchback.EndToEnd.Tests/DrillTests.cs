using System.Text.Json;

namespace Switchback.EndToEnd.Tests;

/// <summary>The whole scenario as a user plays it, on each network, with each set of manifests.</summary>
[Collection(nameof(DrillTests))]
public sealed class DrillTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The keys of the contract; more are welcome.</summary>
    private static readonly string[] VerdictKeys =
    [
        "scenario", "kafka", "kubernetes", "network", "fault", "seed", "holds", "started", "durationMs", "phases", "records", "clients", "bars", "anomalies",
    ];

    private static readonly string[] RecordKeys =
        ["sent", "acknowledged", "failed", "unknown", "unknownFound", "stranded", "lost", "skipped", "duplicated", "reordered"];

    [Fact]
    public async Task The_scenario_holds()
    {
        using var report = new ReportFolder();
        var outcome = await Product.RunAsync(Product.Start("drill", "active-active", "--report", report.Path), Patience);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        AssertHolds(report, Product.IsRoot ? "namespaces" : "shared");
        AssertCopiesFirst(outcome);
    }

    [Fact]
    public async Task The_scenario_holds_as_an_ordinary_user_on_one_shared_network()
    {
        Assert.SkipUnless(Product.IsRoot, "not root: the drill above was an ordinary user's already");
        using var report = new ReportFolder();
        File.SetUnixFileMode(report.Path, (UnixFileMode)0b111_111_111);
        var home = Directory.CreateTempSubdirectory("switchback-home-");
        try
        {
            File.SetUnixFileMode(home.FullName, (UnixFileMode)0b111_111_111);
            var start = Product.Start(
                "setpriv",
                ["--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", Product.Program, "drill", "active-active", "--report", report.Path]);
            start.Environment["HOME"] = home.FullName;
            start.Environment["TMPDIR"] = home.FullName;
            var outcome = await Product.RunAsync(start, Patience);
            Assert.True(outcome.ExitCode == 0, outcome.ToString());
            AssertHolds(report, "shared");
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    /// <summary>Apache Kafka takes seconds to make its own topics: nothing happens to a cluster before every link copies from it, or the verdict would be one on a mirror that was not there yet.</summary>
    [Fact]
    public async Task The_scenario_holds_with_Apache_Kafka()
    {
        Assert.SkipUnless(Campaigns.AreAskedFor, "six brokers of Apache Kafka beside all else: with ./test --long, and on a cluster that is named");
        Assert.SkipWhen(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KAFKA_HOME")), "Apache Kafka is not here: set KAFKA_HOME");
        using var report = new ReportFolder();
        var outcome = await Product.RunAsync(Product.Start("drill", "active-active", "--kafka", "apache", "--report", report.Path), Patience);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        AssertHolds(report, Product.IsRoot ? "namespaces" : "shared");
        AssertCopiesFirst(outcome);
    }

    /// <summary>
    /// The manifests that people have, as they are: rolling updates with two clients at once, /health that is always well, the default session timeout of
    /// 45 s that a consumer stands still for after the failback. They lose no acknowledged record; what they take with them unsaid is in the verdict.
    /// </summary>
    [Fact]
    public async Task The_scenario_runs_on_the_manifests_of_the_origin()
    {
        using var report = new ReportFolder();
        using var manifests = new ReportFolder();
        OriginManifests.Write(manifests.Path, OriginCluster.Placeholders("north"), OriginCluster.Placeholders("west"));
        var scenario = Path.Combine(manifests.Path, "origin.yaml");
        await File.WriteAllTextAsync(scenario, OriginScenario(manifests.Path), TestContext.Current.CancellationToken);
        var outcome = await Product.RunAsync(Product.Start("drill", scenario, "--report", report.Path), Patience);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        AssertHolds(report, Product.IsRoot ? "namespaces" : "shared");
    }

    /// <summary>Both clusters are alive: whoever flushes through its sidecar, and whoever reads on, loses nothing and reads nothing twice, there and back.</summary>
    [Fact]
    public async Task A_planned_switch_and_the_way_back_cost_no_record()
    {
        using var report = new ReportFolder();
        var outcome = await Product.RunAsync(Product.Start("drill", "active-active-planned", "--report", report.Path), Patience);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        using var document = report.Verdict();
        var verdict = document.RootElement;
        var records = verdict.GetProperty("records");
        Assert.Equal("none", verdict.GetProperty("fault").GetString());
        Assert.Equal(
            ["steady", "failover", "failback", "settled"], verdict.GetProperty("phases").EnumerateArray().Select(phase => phase.GetProperty("name").GetString()));
        Assert.All(
            RecordKeys.Except(["sent", "acknowledged"]),
            count => Assert.True(records.GetProperty(count).GetInt64() == 0, $"{count}: {records}"));
        Assert.True(records.GetProperty("acknowledged").GetInt64() > 1000, records.ToString());
        Assert.Equal(records.GetProperty("sent").GetInt64(), records.GetProperty("acknowledged").GetInt64());
        Assert.Empty(verdict.GetProperty("anomalies").EnumerateArray());
    }

    private static string OriginScenario(string manifests)
    {
        var own = File.ReadAllText(Path.Combine(Product.Root, "scenarios", "active-active.yaml"));
        var listed = "  - ../deploy/reloader\n  - ../deploy/proxy\n  - ../deploy/no-proxy\n";
        Assert.Contains(listed, own, StringComparison.Ordinal);
        string[] files =
        [
            "reloader", "proxy/00-namespace.yaml", "proxy/values/north.yaml", "proxy", "no-proxy/00-namespace.yaml",
            "no-proxy/values/producer-north.yaml", "no-proxy/values/consumer-north.yaml", "no-proxy",
        ];
        return own.Replace(listed, string.Concat(files.Select(file => $"  - {manifests}/{file}\n")), StringComparison.Ordinal)
            .Replace("../deploy", manifests, StringComparison.Ordinal);
    }

    private static void AssertCopiesFirst(Outcome outcome) => Assert.InRange(
        outcome.Output.IndexOf("copying: north-west-clink, west-north-clink", StringComparison.Ordinal), 0, outcome.Output.IndexOf("\nsteady", StringComparison.Ordinal));

    private static void AssertHolds(ReportFolder report, string network)
    {
        using var document = report.Verdict();
        var verdict = document.RootElement;
        foreach (var key in VerdictKeys)
        {
            Assert.True(verdict.TryGetProperty(key, out _), $"verdict.json has no {key}");
        }

        var records = verdict.GetProperty("records");
        var counts = RecordKeys.ToDictionary(key => key, key => records.GetProperty(key).GetInt64());
        Assert.True(verdict.GetProperty("holds").GetBoolean());
        Assert.Equal(network, verdict.GetProperty("network").GetString());
        Assert.Equal("crash", verdict.GetProperty("fault").GetString());
        Assert.Equal(0, counts["lost"]);
        Assert.Equal(counts["sent"], counts["acknowledged"] + counts["failed"] + counts["unknown"]);
        Assert.True(counts["acknowledged"] > 1000, $"only {counts["acknowledged"]} records were acknowledged: a green run that tested nothing");
        Assert.Equal(
            ["steady", "disaster", "failover", "failback", "settled"],
            verdict.GetProperty("phases").EnumerateArray().Select(phase => phase.GetProperty("name").GetString()));
        Assert.Equal(
            ["java-cloud-consumer", "java-cloud-consumer-noproxy", "java-cloud-producer", "java-cloud-producer-noproxy"],
            verdict.GetProperty("clients").EnumerateArray().Select(client => client.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(Path.Combine(report.Path, "report.html")));
        Assert.True(Directory.Exists(Path.Combine(report.Path, "ledger")));
        Assert.All(
            verdict.GetProperty("bars").EnumerateArray(),
            bar => Assert.True(bar.GetProperty("holds").ValueKind == JsonValueKind.True, bar.ToString()));
    }
}
