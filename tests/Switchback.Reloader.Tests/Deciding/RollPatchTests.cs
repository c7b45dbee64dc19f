using Microsoft.Extensions.Logging.Abstractions;
using Switchback.Kubernetes;
using Switchback.Reloader.Deciding;
using Switchback.Reloader.Options;
using Switchback.Reloader.Patching;
using Switchback.Reloader.Tests.Gates;

namespace Switchback.Reloader.Tests.Deciding;

public sealed class RollPatchTests
{
    private const string Hash = "3c9a892aeaedc759abc3df9884a37b8be5680382";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly ResourceRef Config = new(ResourceKind.ConfigMap, "config");

    [Fact]
    public void With_env_vars_the_container_gets_the_variable()
    {
        var patch = Build(Given.Workload("web", "{}"), ReloadStrategy.EnvironmentVariables, new Change(Config, ChangeType.Updated, Hash, "app"));
        Assert.Equal(
            $$"""{"containers":[{"name":"app","env":[{"name":"STAKATER_CONFIG_CONFIGMAP","value":"{{Hash}}"}]}]}""",
            patch.Object("spec", "template", "spec")!.ToJsonString());
    }

    [Fact]
    public void With_annotations_the_template_says_what_it_was_rolled_for_in_stakaters_order_of_keys()
    {
        var patch = Build(Given.Workload("web", "{}"), ReloadStrategy.Annotations, new Change(Config, ChangeType.Updated, Hash, "app"));
        Assert.Equal(
            $$"""{"type":"CONFIGMAP","name":"config","namespace":"shop","hash":"{{Hash}}","containerRefs":["app"],"observedAt":1700000000}""",
            patch.Text("spec", "template", "metadata", "annotations", "reloader.stakater.com/last-reloaded-from"));
    }

    [Fact]
    public void For_what_vanished_the_variable_goes_or_says_empty_so_that_the_template_changes_either_way()
    {
        var change = new Change(Config, ChangeType.Deleted, ContentHash.Empty, "app");
        var without = Build(Given.Workload("web", "{}"), ReloadStrategy.EnvironmentVariables, change);
        Assert.Equal(ContentHash.Empty, Variable(without)["value"]!.GetValue<string>());
        var workload = Given.Workload("web", "{}");
        workload["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] =
            Given.Manifest($$"""{"env": [{"name": "STAKATER_CONFIG_CONFIGMAP", "value": "{{Hash}}"}]}""")["env"]!.DeepClone();
        Assert.Equal("delete", Variable(Build(workload, ReloadStrategy.EnvironmentVariables, change))["$patch"]!.GetValue<string>());
    }

    [Fact]
    public void Two_names_that_share_a_variable_give_it_once()
    {
        var patch = Build(
            Given.Workload("web", "{}"),
            ReloadStrategy.EnvironmentVariables,
            new Change(new ResourceRef(ResourceKind.ConfigMap, "my.cfg"), ChangeType.Updated, Hash, "app"),
            new Change(new ResourceRef(ResourceKind.ConfigMap, "my-cfg"), ChangeType.Updated, ContentHash.Empty, "app"));
        Assert.Single(patch.Items("spec", "template", "spec", "containers").Single().Items("env"));
    }

    [Fact]
    public void A_Deployment_that_asks_for_a_pause_is_paused_in_the_same_patch()
    {
        var workload = Given.Workload("web", """{"deployment.reloader.stakater.com/pause-period": "1m"}""");
        var patch = Build(workload, ReloadStrategy.EnvironmentVariables, new Change(Config, ChangeType.Updated, Hash, "app"));
        Assert.True(patch.Flag("spec", "paused"));
        Assert.Equal("2023-11-14T22:13:20.000Z", patch.Annotation("deployment.reloader.stakater.com/paused-at"));
    }

    [Fact]
    public void One_that_its_owner_has_paused_stays_his()
    {
        var workload = Given.Workload("web", """{"deployment.reloader.stakater.com/pause-period": "1m"}""");
        workload["spec"]!["paused"] = true;
        var patch = Build(workload, ReloadStrategy.EnvironmentVariables, new Change(Config, ChangeType.Updated, Hash, "app"));
        Assert.Null(patch.At("spec", "paused"));
        Assert.Null(patch.Annotation("deployment.reloader.stakater.com/paused-at"));
    }

    [Theory]
    [InlineData("90s", 90_000.0)]
    [InlineData("1h2m3.5s", 3_723_500.0)]
    [InlineData("300ms", 300.0)]
    [InlineData("0", 0.0)]
    [InlineData("5", null)]
    [InlineData("5 m", null)]
    [InlineData("", null)]
    [InlineData("-1m", null)]
    [InlineData("999999999999h", null)]
    public void Durations_are_read_as_Go_writes_them(string text, double? milliseconds) =>
        Assert.Equal(milliseconds, PauseState.ParseDuration(text)?.TotalMilliseconds);

    private static System.Text.Json.Nodes.JsonObject Variable(System.Text.Json.Nodes.JsonObject patch) =>
        patch.Items("spec", "template", "spec", "containers").Single().Items("env").Single();

    private static System.Text.Json.Nodes.JsonObject Build(System.Text.Json.Nodes.JsonObject workload, ReloadStrategy strategy, params Change[] changes)
    {
        var options = new ReloaderOptions { Cluster = new KubeConfig { Server = new Uri("http://nowhere") }, Logging = NullLoggerFactory.Instance, Strategy = strategy };
        var view = WorkloadView.Read(WorkloadKind.Deployment, workload, options.Annotations, autoReloadAll: false);
        var marks = changes.ToDictionary(change => change.Resource, change => change.Hash);
        return RollPatch.Build(view, new Evaluation(changes, marks, marks, MarksDiffer: true), options, Now);
    }
}
