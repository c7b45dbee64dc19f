using System.Net;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Kubernetes.Tests.Fakes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>The gates: one rollout for one change, whenever it was made and whatever fails meanwhile; none without a change. A rollout is another template of the pods.</summary>
public abstract class ReloaderGates(Target target) : ClusterTest(target)
{
    [Fact]
    public async Task A_change_rolls_the_workload_once_and_tells_so()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("other", Given.Named("another")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await RolledAsync("web", revision: 2);
        Assert.Matches("^[0-9a-f]{40}$", (await FindAsync("web")).Variable(Variable));
        await Eventually.HoldsAsync(async () => (await Api.AllAsync(ResourceNames.Events)).Any(item => item.Text("reason") == "Reloaded"), "an Event");
        var told = (await Api.AllAsync(ResourceNames.Events)).Single(item => item.Text("reason") == "Reloaded");
        Assert.Equal(
            $"Changes detected in 'config' of type 'CONFIGMAP' in namespace '{Api.Name("shop")}', Updated 'web' of type 'Deployment' in namespace '{Api.Name("shop")}'",
            told.Text("message"));
        Assert.Equal("web", told.Text("involvedObject", "name"));
        await NothingMoreAsync(reloader);
        Assert.Equal(2, await RevisionAsync("web"));
        Assert.Equal(1, await RevisionAsync("other"));
    }

    [Theory]
    [InlineData(ReloadStrategy.EnvironmentVariables)]
    [InlineData(ReloadStrategy.Annotations)]
    public async Task A_change_made_while_it_is_down_gives_exactly_one_rollout_and_a_restart_without_a_change_none(ReloadStrategy strategy)
    {
        ReloaderOptions With(ReloaderOptions options) => options with { Strategy = strategy };
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using (await RunningReloader.StartAsync(Api.Config, With))
        {
            await RememberedAsync("web");
        }

        await using (var restarted = await RunningReloader.StartAsync(Api.Config, With))
        {
            await NothingMoreAsync(restarted);
            Assert.Equal(1, await RevisionAsync("web"));
        }

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await using (var restarted = await RunningReloader.StartAsync(Api.Config, With))
        {
            await RolledAsync("web", revision: 2);
            await NothingMoreAsync(restarted);
        }

        await using (var restarted = await RunningReloader.StartAsync(Api.Config, With))
        {
            await NothingMoreAsync(restarted);
            Assert.Equal(2, await RevisionAsync("web"));
        }
    }

    [Fact]
    public async Task Two_ConfigMaps_and_a_Secret_changed_together_give_one_rollout()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("more", "north"));
        await Api.PutAsync(ResourceNames.Secrets, Given.Secret("key", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config,more", "key")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { SettleWindow = TimeSpan.FromSeconds(5) });

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await Api.PutAsync(ResourceNames.Secrets, Given.Secret("key", "west"));
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("more", "west"));

        await RolledAsync("web", revision: 2);
        Assert.NotNull((await FindAsync("web")).Variable(Variable));
        Assert.NotNull((await FindAsync("web")).Variable("STAKATER_MORE_CONFIGMAP"));
        Assert.NotNull((await FindAsync("web")).Variable("STAKATER_KEY_SECRET"));
        await NothingMoreAsync(reloader);
        Assert.Equal(2, await RevisionAsync("web"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public async Task An_API_server_that_was_away_while_the_change_was_made_delays_the_rollout_and_does_not_lose_it(int seconds)
    {
        Assert.SkipUnless(
            seconds == 0 || Api.IsForeign || Campaigns.AreAskedFor, "half a minute: with ./test --long, and on a cluster that is named");
        await Api.MayBeAwayAsync();
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);

        await RememberedAsync("web");

        await Api.StopAsync();
        await Api.MeanwhileAsync(() => Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west")));
        await Task.Delay(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => reloader.Lines.Count(line => line.Contains("API server failed", StringComparison.Ordinal)) > 3, "failures in the log");
        await Api.RestartAsync();

        await RolledAsync("web", revision: 2);
        await NothingMoreAsync(reloader);
        Assert.Equal(2, await RevisionAsync("web"));
    }

    [Fact]
    public async Task A_list_that_is_answered_with_500_is_tried_again_until_it_works()
    {
        await Api.MayFailAsync();
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        var failing = true;
        await using (await RunningReloader.StartAsync(Api.Config))
        {
            await RememberedAsync("web");
        }

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        Api.Fault = request => failing && request.Method == "GET" && request.Path.Value!.EndsWith("/configmaps", StringComparison.Ordinal)
            ? FakeApiServer.Status(500, "InternalError", "etcd is not well")
            : null;
        var address = $"127.0.0.1:{Ports.Free()}";
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { MetricsAddress = address }, untilReady: false);
        await Eventually.HoldsAsync(() => reloader.Lines.Count(line => line.Contains("etcd is not well", StringComparison.Ordinal)) > 2, "failures in the log");
        Assert.Equal(1, await RevisionAsync("web"));
        using var http = new HttpClient { BaseAddress = new Uri($"http://{address}") };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/live", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/ready", TestContext.Current.CancellationToken)).StatusCode);
        failing = false;

        await RolledAsync("web", revision: 2);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/ready", TestContext.Current.CancellationToken)).StatusCode);
        await NothingMoreAsync(reloader);
        Assert.Equal(2, await RevisionAsync("web"));
    }

    [Fact]
    public async Task A_patch_that_fails_is_tried_again_until_it_works()
    {
        await Api.MayFailAsync();
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await RememberedAsync("web");
        var refusals = 5;
        Api.Fault = request => request.Method == "PATCH" && Interlocked.Decrement(ref refusals) >= 0
            ? FakeApiServer.Status(503, "ServiceUnavailable", "not now")
            : null;

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await RolledAsync("web", revision: 2);
        Assert.True(refusals < 0);
        Assert.Contains((await Api.AllAsync(ResourceNames.Events)), item => item.Text("reason") == "ReloadFail");
        await NothingMoreAsync(reloader);
        Assert.Equal(2, await RevisionAsync("web"));
    }

    [Fact]
    public async Task Moving_over_from_stakaters_controller_keeps_its_variable_and_rolls_nothing()
    {
        var workload = Given.Workload("web", Given.Named("config"));
        var container = workload.Items("spec", "template", "spec", "containers").First();
        // The hash that stakater's controller writes for {key: north}.
        container["env"] = Given.Manifest($$"""{"env": [{"name": "{{Variable}}", "value": "{{Hash("key=north")}}"}]}""")["env"]!.DeepClone();
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, workload);
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await RememberedAsync("web");
        await NothingMoreAsync(reloader);
        Assert.Equal(1, await RevisionAsync("web"));
        Assert.Equal(Hash("key=north"), (await FindAsync("web")).Variable(Variable));

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await RolledAsync("web", revision: 2);
        Assert.Equal(Hash("key=west"), (await FindAsync("web")).Variable(Variable));
    }

    [Fact]
    public async Task What_stakaters_controller_missed_before_the_move_is_rolled_once()
    {
        var workload = Given.Workload("web", Given.Named("config"));
        workload.Items("spec", "template", "spec", "containers").First()["env"] =
            Given.Manifest($$"""{"env": [{"name": "{{Variable}}", "value": "{{Hash("key=north")}}"}]}""")["env"]!.DeepClone();
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await Api.PutAsync(ResourceNames.Deployments, workload);
        await using var reloader = await RunningReloader.StartAsync(Api.Config);

        await RolledAsync("web", revision: 2);
        await NothingMoreAsync(reloader);
        Assert.Equal(2, await RevisionAsync("web"));
    }

    [Fact]
    public async Task Two_replicas_without_leader_election_still_roll_once()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var one = await RunningReloader.StartAsync(Api.Config);
        await using var two = await RunningReloader.StartAsync(Api.Config);
        await RememberedAsync("web");

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await RolledAsync("web", revision: 2);
        await NothingMoreAsync(one);
        await NothingMoreAsync(two);
        Assert.Equal(2, await RevisionAsync("web"));
    }
}

/// <summary>The gates on an API server of the tests' own.</summary>
public sealed class GatesOnOwnServer() : ReloaderGates(Target.Own);

/// <summary>The gates on a whole Kubernetes: its own patches, conflicts and TLS, and controllers beside us.</summary>
[Trait("Suite", "Kubernetes")]
public sealed class GatesOnKubernetes() : ReloaderGates(Target.Kubernetes)
{
    [Fact]
    public async Task A_pod_of_the_new_template_replaces_the_old_one()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        var web = Given.Workload("web", Given.Named("config"));
        var container = web.Items("spec", "template", "spec", "containers").Single();
        container["image"] = Given.Image;
        container["args"] = new JsonArray("trap 'exit 0' TERM; while :; do sleep 1; done");
        await Api.PutAsync(ResourceNames.Deployments, web);
        await Eventually.HoldsAsync(async () => (await FindAsync("web")).Number("status", "availableReplicas") == 1, "a pod");
        var before = (await PodsAsync()).Single();
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await RememberedAsync("web");

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await RolledAsync("web", revision: 2);
        await Eventually.HoldsAsync(
            async () => await FindAsync("web") is var seen && seen.Number("status", "updatedReplicas") == 1 && seen.Number("status", "replicas") == 1
                && seen.Number("status", "availableReplicas") == 1,
            "the rollout is over");
        Assert.NotEqual(before, (await PodsAsync()).Single());
    }

    private async Task<IReadOnlyList<string>> PodsAsync() =>
        [.. (await Api.AllAsync(ResourceNames.Pods)).Where(pod => pod.Text("metadata", "deletionTimestamp") is null).Select(pod => pod.Name)];
}
