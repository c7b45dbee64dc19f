using System.Text.Json;

namespace Switchback.EndToEnd.Tests;

/// <summary>
/// Drills with other disasters than a crash, and one with every fault there is. They are played at the same time, because each waits most of its own.
/// </summary>
[Collection(nameof(DrillTests))]
public sealed class FaultDrillTests(FaultDrills drills) : IClassFixture<FaultDrills>
{
    [Fact]
    public async Task What_a_destroyed_cluster_had_not_handed_over_is_lost_and_each_record_is_listed()
    {
        using var verdict = await drills.DestroyedAsync();
        var (lost, stranded) = Listed(verdict);
        Assert.NotEmpty(lost);
        Assert.Equal(stranded, lost);
        Assert.Equal("destroyed", verdict.RootElement.GetProperty("fault").GetString());
    }

    [Fact]
    public async Task What_a_cluster_without_power_had_not_forced_to_disk_is_lost_and_each_record_is_listed()
    {
        using var verdict = await drills.PowerLossAsync();
        var (lost, stranded) = Listed(verdict);
        Assert.NotEmpty(lost);
        Assert.Subset(stranded, lost);
        Assert.NotEqual(stranded.Count, lost.Count);
        Assert.Equal("power-loss", verdict.RootElement.GetProperty("fault").GetString());
    }

    [Fact]
    public async Task Nothing_is_lost_by_every_other_fault()
    {
        using var verdict = await drills.EveryFaultAsync();
        var records = verdict.RootElement.GetProperty("records");
        Assert.Equal(0, records.GetProperty("lost").GetInt64());
        Assert.True(records.GetProperty("acknowledged").GetInt64() > 1000, records.ToString());
        Assert.NotEmpty(verdict.RootElement.GetProperty("proxies").EnumerateArray());
        var titles = verdict.RootElement.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("title").GetString()!).ToList();
        foreach (var fault in new[] { "stands still", "goes on", "disk is full", "has room again", "kill -9 of the mirror", "kill -9 of the platform", "nothing arrives at the clients", "is whole again" })
        {
            Assert.Contains(titles, title => title.Contains(fault, StringComparison.Ordinal));
        }
    }

    private static (SortedSet<string> Lost, SortedSet<string> Stranded) Listed(JsonDocument verdict)
    {
        var anomalies = verdict.RootElement.GetProperty("anomalies").EnumerateArray().ToLookup(anomaly => anomaly.GetProperty("kind").GetString(), anomaly => anomaly.GetProperty("id").GetString());
        Assert.Equal(verdict.RootElement.GetProperty("records").GetProperty("lost").GetInt64(), anomalies["lost"].Distinct().Count());
        return (new SortedSet<string>(anomalies["lost"]!, StringComparer.Ordinal), new SortedSet<string>(anomalies["stranded"]!, StringComparer.Ordinal));
    }
}

/// <summary>The drills of <see cref="FaultDrillTests"/>, started together.</summary>
public sealed class FaultDrills : IAsyncLifetime
{
    private const string EveryFault = """
        scenario: every-fault
        extends: SCENARIOS/active-active.yaml
        phases:
          steady:
            - load: start
            - freeze: mirror
            - run: 500ms
            - thaw: mirror
            - cut: { cluster: west, of: [mirror], direction: requests }
            - run: 500ms
            - heal: west
            - fill-disk: west
            - run: 500ms
            - free-disk: west
            - crash: mirror
            - start: mirror
            - crash: platform
            - start: platform
            - wait: { records: 200, within: 90s }
          disaster:
            - cut: { cluster: north, of: [clients], direction: responses }
            - run: 2s
          failover:
            - switch: { clients: [proxy, producer, consumer], to: west }
            - wait: { rollouts: complete, within: 120s }
            - wait: { records: 200, within: 90s }
          failback:
            - heal: north
            - wait: { mirrors: caught-up, within: 60s }
            - switch: { clients: [proxy, producer, consumer], to: north }
            - freeze: west
            - run: 500ms
            - thaw: west
            - wait: { rollouts: complete, within: 120s }
            - wait: { records: 200, within: 90s }
          settled:
            - load: stop
            - wait: { mirrors: caught-up, within: 90s }
            - wait: { consumers: quiet, within: 60s }
        bars:
          - lost = 0
          - unmirrored = 0
          - every client made progress
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private Task<JsonDocument> _destroyed = Task.FromException<JsonDocument>(new InvalidOperationException("not played"));
    private Task<JsonDocument> _powerLoss = Task.FromException<JsonDocument>(new InvalidOperationException("not played"));
    private Task<JsonDocument> _everyFault = Task.FromException<JsonDocument>(new InvalidOperationException("not played"));

    public async ValueTask InitializeAsync()
    {
        _destroyed = PlayAsync("active-active-destroyed");
        _powerLoss = PlayAsync("active-active-power-loss");
        _everyFault = PlayEveryFaultAsync();

        // How each of them ended is its own test's matter.
        Task all = Task.WhenAll(_destroyed, _powerLoss, _everyFault);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public Task<JsonDocument> DestroyedAsync() => _destroyed;

    public Task<JsonDocument> PowerLossAsync() => _powerLoss;

    public Task<JsonDocument> EveryFaultAsync() => _everyFault;

    private static async Task<JsonDocument> PlayEveryFaultAsync()
    {
        using var folder = new ReportFolder();
        var scenario = Path.Combine(folder.Path, "every-fault.yaml");
        await File.WriteAllTextAsync(scenario, EveryFault.Replace("SCENARIOS", Path.Combine(Product.Root, "scenarios"), StringComparison.Ordinal));
        return await PlayAsync(scenario);
    }

    private static async Task<JsonDocument> PlayAsync(string scenario)
    {
        using var report = new ReportFolder();
        var outcome = await Product.RunAsync(Product.Start("drill", scenario, "--report", report.Path), Patience);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return report.Verdict();
    }
}
