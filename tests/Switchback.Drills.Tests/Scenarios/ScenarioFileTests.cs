using Switchback.Drills.Scenarios;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Tests.Scenarios;

/// <summary>A scenario is read as a whole, and what is wrong is answered with file, line, key and what would be right.</summary>
public sealed class ScenarioFileTests : IDisposable
{
    private const string Whole = """
        scenario: small
        clusters:
          north: { brokers: 3 }
          west: { brokers: 1 }
        topics:
          t: { partitions: 2, on: [north, west] }
        links:
          nw: { source: north, target: west, configs: { cluster.link.prefix: north- } }
        manifests: [manifests]
        clients:
          p: { role: producer, through: proxy, namespace: n, topic: t }
          c: { role: consumer, through: direct, namespace: n, topic: .*t, group: g }
        switches:
          proxy: { namespace: n, configMap: m, values: { north: north.yaml, west: west.yaml }, rolls: [p] }
        load: { rate: 20 }
        phases:
          steady:
            - load: start
            - wait: { records: 10, within: 5s }
          disaster:
            - crash: north
            - run: 500ms
          failover:
            - switch: { clients: [proxy], to: west }
            - wait: { rollouts: complete }
          failback:
            - start: north
            - wait: { mirrors: caught-up }
          settled:
            - load: stop
            - wait: { consumers: quiet }
        bars:
          - lost = 0
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("switchback-scenario-").FullName;

    public ScenarioFileTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "manifests"));
        File.WriteAllText(Path.Combine(folder, "north.yaml"), "");
        File.WriteAllText(Path.Combine(folder, "west.yaml"), "");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_whole_scenario_is_read()
    {
        var scenario = Load(Whole);
        Assert.Equal("small", scenario.Name);
        Assert.Equal(3, scenario.Clusters["north"].Brokers);
        Assert.Equal("north-", scenario.Links["nw"].Prefix);
        Assert.True(scenario.Clients["p"] is { IsProducer: true, ThroughProxy: true });
        Assert.Equal("g", scenario.Clients["c"].Group);
        Assert.Equal(Path.Combine(folder, "west.yaml"), scenario.Switches["proxy"].Values["west"]);
        Assert.Equal(["steady", "disaster", "failover", "failback", "settled"], scenario.Phases.Select(phase => phase.Name));
        Assert.Equal(new WaitStep(WaitCondition.Records, 10, TimeSpan.FromSeconds(5)), scenario.Phases[0].Steps[1]);
        Assert.Equal(new RunStep(TimeSpan.FromMilliseconds(500)), scenario.Phases[1].Steps[1]);
        Assert.Equal(["lost = 0"], scenario.Bars);
    }

    [Fact]
    public void Every_scenario_of_the_repository_is_read()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Switchback.slnx")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        var files = Directory.GetFiles(Path.Combine(root, "scenarios"), "*.yaml");
        Assert.Contains(files, file => Path.GetFileName(file) == "active-active.yaml");
        Assert.All(files, file =>
        {
            var scenario = ScenarioFile.Load(file, bar => Bars.Parse(bar).Error);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), scenario.Name);
            Assert.Equal(4, scenario.Clients.Count);
            Assert.Equal(["north-", "west-"], scenario.Links.Values.Select(link => link.Prefix));
        });
    }

    [Fact]
    public void A_scenario_that_extends_another_has_all_of_it_but_phases_and_bars()
    {
        var scenario = Load(Extending("load: { rate: 5 }"), "base.yaml", Whole);
        Assert.Equal("more", scenario.Name);
        Assert.Equal(["north", "west"], scenario.Clusters.Keys);
        Assert.Equal(["p", "c"], scenario.Clients.Keys);
        Assert.Equal(Path.Combine(folder, "manifests"), Assert.Single(scenario.Manifests));
        Assert.Equal(5, scenario.Load.RatePerSecond);
        Assert.Equal([new RunStep(TimeSpan.FromSeconds(1))], Assert.Single(scenario.Phases).Steps);
    }

    [Theory]
    [InlineData("nowhere.yaml", "scenario.yaml:2: extends names `nowhere.yaml`, and there is no such file or folder beside the scenario")]
    [InlineData("scenario.yaml", "scenario.yaml:2: extends leads back to `scenario.yaml`; a scenario that does not build on this one would be right")]
    [InlineData("base.yaml", "base.yaml:3: clusters.north.brokers is `99`, and a whole number from 1 to 9 would be right")]
    public void What_is_wrong_with_the_scenario_extended_is_named_too(string extended, string error)
    {
        var text = Extending("").Replace("base.yaml", extended, StringComparison.Ordinal);
        var thrown = Assert.Throws<ScenarioException>(() => Load(text, "base.yaml", Whole.Replace("brokers: 3", "brokers: 99", StringComparison.Ordinal)));
        Assert.Contains(Path.Combine(folder, error), thrown.Errors);
    }

    private static string Extending(string more) => $"""
        scenario: more
        extends: base.yaml
        {more}
        phases:
          steady:
            - run: 1s
        bars:
          - lost = 0
        """;

    [Fact]
    public void Every_fault_is_read_with_what_undoes_it()
    {
        var scenario = Load(WithSteps(
            "freeze: north", "thaw: north", "cut: { cluster: north, of: [mirror], direction: requests }", "crash: mirror", "start: mirror", "heal: north",
            "cut: { cluster: west }", "heal: west", "fill-disk: west", "free-disk: west", "power-loss: north", "start: north", "crash: platform", "start: platform",
            "destroy: north"));
        Assert.Equal(
            [
                new FaultStep(FaultKind.Freeze, "north"), new RecoverStep(FaultKind.Freeze, "north"),
                new FaultStep(FaultKind.Cut, "north", new NetworkCut(false, true, CutDirection.Requests)),
                new FaultStep(FaultKind.Crash, "mirror"), new RecoverStep(FaultKind.Crash, "mirror"), new RecoverStep(FaultKind.Cut, "north"),
                new FaultStep(FaultKind.Cut, "west", new NetworkCut(true, true, CutDirection.Both)), new RecoverStep(FaultKind.Cut, "west"),
                new FaultStep(FaultKind.DiskFull, "west"), new RecoverStep(FaultKind.DiskFull, "west"),
                new FaultStep(FaultKind.PowerLoss, "north"), new RecoverStep(FaultKind.PowerLoss, "north"),
                new FaultStep(FaultKind.Crash, "platform"), new RecoverStep(FaultKind.Crash, "platform"), new FaultStep(FaultKind.Destroyed, "north"),
            ],
            scenario.Phases.Single(phase => phase.Name == "disaster").Steps);
        Assert.True(scenario.LeavesDestroyed("north"));
        Assert.Equal(new FaultStep(FaultKind.Freeze, "north"), scenario.Disaster);
    }

    [Theory]
    [InlineData("crash: north", "freeze: north", "22: phases.disaster[1].freeze names `north`, which is killed by then; `start: north` before it would be right")]
    [InlineData("freeze: north", "start: north", "22: phases.disaster[1].start names `north`, which is frozen by then; `thaw: north` would be right")]
    [InlineData("run: 1s", "start: north", "22: phases.disaster[1].start names `north`, which is well by then; a fault before it would be right")]
    [InlineData("run: 1s", "freeze: north", "22: phases.disaster[1].freeze leaves north frozen to the end, where it has to be read; `thaw: north` after it would be right")]
    [InlineData("run: 1s", "power-loss: mirror", "22: phases.disaster[1].power-loss names the target `mirror`, which is not there; north or west would be right")]
    [InlineData("run: 1s", "cut: { cluster: mirror }", "22: phases.disaster[1].cut.cluster names the cluster `mirror`, which is not there; north or west would be right")]
    [InlineData("run: 1s", "cut: { of: [mirror] }", "22: phases.disaster[1].cut.cluster is missing: the cluster that is cut off")]
    [InlineData("run: 1s", "cut: { cluster: north, of: [everyone] }", "22: phases.disaster[1].cut.of names the side `everyone`, which is not there; clients or mirror would be right")]
    [InlineData("run: 1s", "cut: { cluster: north, direction: up }", "22: phases.disaster[1].cut.direction is `up`, and both or requests or responses would be right")]
    public void A_fault_that_cannot_be_is_named_with_what_would_be_right(string first, string second, string error)
    {
        var thrown = Assert.Throws<ScenarioException>(() => Load(WithSteps(first, second)));
        Assert.Contains($"{Path.Combine(folder, "scenario.yaml")}:{error}", thrown.Errors);
    }

    /// <summary>The scenario with these steps for its disaster, and nothing brought back after them.</summary>
    private static string WithSteps(params string[] steps) => Whole
        .Replace("    - start: north\n", "", StringComparison.Ordinal)
        .Replace("    - crash: north\n    - run: 500ms\n", string.Concat(steps.Select(step => $"    - {step}\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("brokers: 3", "brokres: 3", "3: clusters.north.brokres is not a key here; brokers, config would be right")]
    [InlineData("brokers: 3", "brokers: three", "3: clusters.north.brokers is `three`, and a whole number from 1 to 9 would be right")]
    [InlineData("within: 5s", "within: 5", "19: phases.steady[1].wait.within is `5`, and a duration with its unit would be right: 500ms, 4s, 2m")]
    [InlineData("run: 500ms", "run: 500 parsecs", "22: phases.disaster[1].run is `500 parsecs`, and a duration with its unit would be right: 500ms, 4s, 2m")]
    [InlineData("- crash: north", "- crash: nroth", "21: phases.disaster[0].crash names the target `nroth`, which is not there; north or west or mirror or platform would be right")]
    [InlineData("- crash: north", "- explode: north", "21: phases.disaster[0].explode is not a step; load, crash, freeze, cut, fill-disk, power-loss, destroy, start, thaw, heal, free-disk, run, switch or wait would be right")]
    [InlineData("target: west", "target: east", "8: links.nw.target names `east`, which is not there; north or west would be right")]
    [InlineData("role: producer", "role: publisher", "11: clients.p.role is `publisher`, and producer or consumer would be right")]
    [InlineData("clients: [proxy], to: west", "clients: [proxies], to: west", "24: phases.failover[0].switch.clients names the switch `proxies`, which is not there; proxy would be right")]
    [InlineData("rolls: [p]", "rolls: [q]", "14: switches.proxy.rolls names `q`, which is not there; p or c would be right")]
    [InlineData("west: west.yaml", "west: east.yaml", "14: switches.proxy.values.west names `east.yaml`, and there is no such file or folder beside the scenario")]
    [InlineData("{ mirrors: caught-up }", "{ mirrors: sometime }", "28: phases.failback[1].wait.mirrors is `sometime`, and caught-up would be right")]
    [InlineData("  steady:", "  stedy:", "17: phases.stedy is not a phase; steady, disaster, failover, failback, settled would be right")]
    [InlineData("- lost = 0", "- lust = 0", "33: bars not a bar: lust = 0")]
    [InlineData("load: { rate: 20 }", "load: [20]", "15: load is a list, and a mapping (key: value) would be right")]
    public void What_is_wrong_is_named_with_its_line_and_what_would_be_right(string right, string wrong, string error)
    {
        var thrown = Assert.Throws<ScenarioException>(() => Load(Whole.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains($"{Path.Combine(folder, "scenario.yaml")}:{error}", thrown.Errors);
    }

    [Fact]
    public void All_errors_are_told_at_once_in_the_order_of_the_file()
    {
        var broken = Whole.Replace("brokers: 3", "brokers: 99", StringComparison.Ordinal).Replace("through: proxy", "through: wall", StringComparison.Ordinal)
            .Replace("- lost = 0", "- lust = 0", StringComparison.Ordinal);
        var thrown = Assert.Throws<ScenarioException>(() => Load(broken));
        Assert.Equal(3, thrown.Errors.Count);
        Assert.Contains("clusters.north.brokers", thrown.Errors[0], StringComparison.Ordinal);
        Assert.Contains("clients.p.through", thrown.Errors[1], StringComparison.Ordinal);
        Assert.Contains("bars", thrown.Errors[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scenario: [", "is not YAML")]
    [InlineData("", "holds 0 documents")]
    [InlineData("just words", "and a mapping (key: value) would be right")]
    public void A_file_that_is_no_scenario_is_one_clear_error(string text, string error)
    {
        var thrown = Assert.Throws<ScenarioException>(() => Load(text));
        Assert.Contains(thrown.Errors, line => line.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_file_is_one_clear_error()
    {
        var thrown = Assert.Throws<ScenarioException>(() => ScenarioFile.Load(Path.Combine(folder, "none.yaml"), _ => null));
        Assert.Contains("cannot be read", Assert.Single(thrown.Errors), StringComparison.Ordinal);
    }

    private Scenario Load(string text, string other, string otherText)
    {
        File.WriteAllText(Path.Combine(folder, other), otherText);
        return Load(text);
    }

    private Scenario Load(string text)
    {
        var path = Path.Combine(folder, "scenario.yaml");
        File.WriteAllText(path, text);
        return ScenarioFile.Load(path, bar => bar == "lost = 0" ? null : $"not a bar: {bar}");
    }
}
