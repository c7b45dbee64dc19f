using System.Net;
using System.Text.Json.Nodes;
using Switchback.Kubernetes;
using Switchback.Kubernetes.Tests.Fakes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>The cases that stakater/Reloader's own tests hold it to, against a running reloader; those of every kind of workload are in <see cref="WorkloadCases"/>.</summary>
public abstract class ReloaderCases(Target target) : ClusterTest(target)
{
    [Fact]
    public async Task Only_labels_and_annotations_changed_is_no_change()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await RememberedAsync("web");

        var labelled = Given.ConfigMap("config", "north", """{"note": "changed"}""");
        labelled["metadata"]!["labels"] = Given.Manifest("""{"tier": "front"}""");
        await Api.PutAsync(ResourceNames.ConfigMaps, labelled);

        await NothingMoreAsync(reloader);
        Assert.Equal(1, await RevisionAsync("web"));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_resource_that_appears_rolls_only_when_asked(bool onCreate, long revision)
    {
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { ReloadOnCreate = onCreate });
        await RememberedAsync("web");

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));

        await RolledAsync("web", revision);
        await NothingMoreAsync(reloader);
        Assert.Equal(revision, await RevisionAsync("web"));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_resource_that_vanishes_rolls_only_when_asked(bool onDelete, long revision)
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { ReloadOnDelete = onDelete });
        await RememberedAsync("web");

        await Api.RemoveAsync(ResourceNames.ConfigMaps, "config");

        await RolledAsync("web", revision);
        await NothingMoreAsync(reloader);
        Assert.Equal(revision, await RevisionAsync("web"));
    }

    [Fact]
    public async Task One_ConfigMap_rolls_every_one_of_fifty_Deployments_once()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", new string('n', 100_000)));
        for (var i = 0; i < 50; i++)
        {
            await Api.PutAsync(ResourceNames.Deployments, Given.Workload($"web-{i}", Given.Named("config")));
        }

        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", new string('w', 100_000)));

        for (var i = 0; i < 50; i++)
        {
            await RolledAsync($"web-{i}", revision: 2);
        }

        await NothingMoreAsync(reloader);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(2, await RevisionAsync($"web-{i}"));
        }
    }

    [Fact]
    public async Task A_CronJob_runs_once_more_as_kubectl_create_job_would()
    {
        await Api.NeedsAsync(ResourceNames.CronJobs, "1.21");
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.CronJobs, Given.Manifest($$"""
            {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "report", "namespace": "shop", "annotations": {{Given.Named("config")}} },
             "spec": {"schedule": "0 0 * * *", "jobTemplate": {"metadata": {"labels": {"app": "report"} },
                      "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "report", "image": "report"}]} } } } } }
            """));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await Eventually.HoldsAsync(async () => (await FindAsync("report", ResourceNames.CronJobs)).Annotation(AnnotationKeys.Seen) is not null, "marks");

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await Eventually.HoldsAsync(async () => (await Api.AllAsync(ResourceNames.Jobs)).Count > 0, "a Job");
        await NothingMoreAsync(reloader);
        var job = Assert.Single((await Api.AllAsync(ResourceNames.Jobs)));
        Assert.StartsWith("report-", job.Name, StringComparison.Ordinal);
        Assert.Equal("manual", job.Annotation("cronjob.kubernetes.io/instantiate"));
        Assert.Equal("report", job.Label("app"));
        Assert.Equal("report", job.Items("metadata", "ownerReferences").Single().Text("name"));
        Assert.Equal("report", job.Items("spec", "template", "spec", "containers").Single().Text("image"));
    }

    [Fact]
    public async Task A_Job_is_made_anew()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Jobs, Given.Manifest($$"""
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "import", "namespace": "shop", "annotations": {{Given.Named("config")}}, "labels": {"app": "import"} },
             "spec": {"template": {"metadata": {"labels": {"app": "import"} },
                                   "spec": {"restartPolicy": "Never", "containers": [{"name": "import", "image": "{{Given.Image}}", "args": ["true"]}]} } } }
            """));
        var before = (await FindAsync("import", ResourceNames.Jobs)).Uid!;
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await Eventually.HoldsAsync(async () => (await FindAsync("import", ResourceNames.Jobs)).Annotation(AnnotationKeys.Seen) is not null, "marks");

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await Eventually.HoldsAsync(async () => await Api.FindAsync(ResourceNames.Jobs, "import") is { } job && job.Uid != before, "another Job");
        await NothingMoreAsync(reloader);
        var anew = await FindAsync("import", ResourceNames.Jobs);
        Assert.Equal(Hash("key=west"), anew.Variable(Variable));
        // The selector is the server's, of the new Job: with the old one's it would have been refused.
        Assert.DoesNotContain(before, anew["spec"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("import", anew.Label("app"));
    }

    [Fact]
    public async Task A_pause_holds_the_rollout_back_and_ends_even_if_the_reloader_was_restarted_meanwhile()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload(
            "web", """{"configmap.reloader.stakater.com/reload": "config", "deployment.reloader.stakater.com/pause-period": "2s"}"""));
        await using (var reloader = await RunningReloader.StartAsync(Api.Config))
        {
            await RememberedAsync("web");
            await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
            await Eventually.HoldsAsync(async () => (await FindAsync("web")).Flag("spec", "paused"), "the pause");
            Assert.Equal(Hash("key=west"), (await FindAsync("web")).Variable(Variable));
        }

        Assert.True((await FindAsync("web")).Flag("spec", "paused"));
        await using var restarted = await RunningReloader.StartAsync(Api.Config);
        await Eventually.HoldsAsync(async () => !(await FindAsync("web")).Flag("spec", "paused"), "the end of the pause");
        Assert.Null((await FindAsync("web")).Annotation("deployment.reloader.stakater.com/paused-at"));
    }

    [Fact]
    public async Task A_pattern_that_is_none_is_an_Event_and_a_log_line_and_the_rest_goes_on()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("[a-,config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await RolledAsync("web", revision: 2);
        await Eventually.HoldsAsync(async () => (await Api.AllAsync(ResourceNames.Events)).Any(item => item.Text("reason") == "InvalidAnnotation"), "an Event");
        Assert.Single((await Api.AllAsync(ResourceNames.Events)), item => item.Text("reason") == "InvalidAnnotation");
        Assert.Single(reloader.Lines, line => line.Contains("\"[a-\" is not a regular expression", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Namespaces_can_be_chosen_left_out_and_selected_by_label()
    {
        foreach (var ns in (string[])["shop", "bank", "dock"])
        {
            var space = ResourceNames.Namespaces.NewObject(ns);
            space["metadata"]!["labels"] = Given.Manifest($$"""{"reload": "{{(ns == "dock" ? "no" : "yes")}}"}""");
            await Api.PutAsync(ResourceNames.Namespaces, space);
            await Api.PutAsync(ResourceNames.ConfigMaps, In(ns, Given.ConfigMap("config", "north")));
            await Api.PutAsync(ResourceNames.Deployments, In(ns, Given.Workload("web", Given.Named("config"))));
        }

        await using var reloader = await RunningReloader.StartAsync(
            Api.Config, options => options with { NamespaceSelector = "reload=yes", NamespacesToIgnore = [Api.Name("bank")] });
        await RememberedAsync("web");
        foreach (var ns in (string[])["dock", "bank", "shop"])
        {
            await Api.PutAsync(ResourceNames.ConfigMaps, In(ns, Given.ConfigMap("config", "west")));
        }

        await RolledAsync("web", revision: 2);
        await NothingMoreAsync(reloader);
        Assert.Null((await Api.FindAsync(ResourceNames.Deployments, "web", "bank"))!.Variable(Variable));
        Assert.Null((await Api.FindAsync(ResourceNames.Deployments, "web", "dock"))!.Variable(Variable));
    }

    [Fact]
    public async Task One_namespace_can_be_chosen_and_resources_and_kinds_left_out()
    {
        foreach (var ns in (string[])["shop", "bank"])
        {
            await PutAllAsync(ns, "north");
            await Api.PutAsync(ResourceNames.Deployments, In(ns, Given.Workload("front", "{}", config: "front")));
        }

        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("back", "{}", config: "back"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("unwilling", """{"reloader.stakater.com/auto": "false"}""", config: "front"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("sealed", Given.Named("none", "key")));
        await Api.PutAsync(ResourceNames.Jobs, Given.Manifest($$"""
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "import", "namespace": "shop", "annotations": {{Given.Named("front")}} },
             "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "import", "image": "{{Given.Image}}", "args": ["true"]}]} } } }
            """));
        var job = (await FindAsync("import", ResourceNames.Jobs)).Uid;
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with
        {
            AutoReloadAll = true,
            Namespaces = [Api.Name("shop")],
            ResourceSelector = "tier=front",
            IgnoreSecrets = true,
            IgnoreJobs = true,
        });
        await RememberedAsync("front");

        await PutAllAsync("bank", "west");
        await PutAllAsync("shop", "west");

        await RolledAsync("front", revision: 2);
        await NothingMoreAsync(reloader);
        Assert.Equal(2, await RevisionAsync("front"));
        foreach (var name in (string[])["back", "unwilling", "sealed"])
        {
            Assert.Equal((name, 1), (name, await RevisionAsync(name)));
        }

        Assert.Null((await Api.FindAsync(ResourceNames.Deployments, "front", "bank"))!.Variable("STAKATER_FRONT_CONFIGMAP"));
        Assert.Equal(job, (await FindAsync("import", ResourceNames.Jobs)).Uid);

        async Task PutAllAsync(string ns, string value)
        {
            await Api.PutAsync(ResourceNames.ConfigMaps, In(ns, Labelled(Given.ConfigMap("front", value))));
            await Api.PutAsync(ResourceNames.ConfigMaps, In(ns, Given.ConfigMap("back", value)));
            await Api.PutAsync(ResourceNames.Secrets, In(ns, Labelled(Given.Secret("key", value))));
        }

        static JsonObject Labelled(JsonObject manifest)
        {
            manifest["metadata"]!["labels"] = Given.Manifest("""{"tier": "front"}""");
            return manifest;
        }
    }

    [Fact]
    public async Task Metrics_and_live_answer_under_stakaters_names()
    {
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await RolledAsync("web", revision: 2);
        await NothingMoreAsync(reloader);

        using var http = new HttpClient { BaseAddress = new Uri($"http://{await reloader.Ready}") };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/live", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/other", TestContext.Current.CancellationToken)).StatusCode);
        var text = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("reloader_reload_executed_total{success=\"true\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("reloader_reload_executed_total{success=\"false\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains($"reloader_reload_executed_total_by_namespace{{success=\"true\",namespace=\"{Api.Name("shop")}\"}} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("reloader_action_total{workload_kind=\"Deployment\",result=\"success\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("reloader_events_received_total{event_type=\"update\",resource_type=\"configmaps\"} 1\n", text, StringComparison.Ordinal);
        foreach (var name in (string[])["reconcile_duration_seconds_bucket", "action_latency_seconds_sum", "workqueue_depth", "retries_total"])
        {
            Assert.Contains($"reloader_{name}", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_leaders_end_between_change_and_patch_still_gives_one_rollout()
    {
        LeaseOptions Lease(string identity) => new("stakater-reloader-lock", Api.Name(Given.Namespace), identity)
        {
            Duration = TimeSpan.FromSeconds(1),
            RenewDeadline = TimeSpan.FromMilliseconds(700),
            RetryPeriod = TimeSpan.FromMilliseconds(100),
        };
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        var one = await RunningReloader.StartAsync(Api.Config, options => options with { LeaderElection = Lease("one"), SettleWindow = TimeSpan.FromSeconds(20) });
        await Eventually.HoldsAsync(
            async () => (await Api.FindAsync(ResourceNames.Leases, "stakater-reloader-lock"))?.Text("spec", "holderIdentity") == "one", "a leader");
        await using var two = await RunningReloader.StartAsync(Api.Config, options => options with { LeaderElection = Lease("two") });

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await one.DisposeAsync();

        await RolledAsync("web", revision: 2);
        await NothingMoreAsync(two);
        Assert.Equal(2, await RevisionAsync("web"));
        Assert.Equal("two", (await Api.FindAsync(ResourceNames.Leases, "stakater-reloader-lock"))!.Text("spec", "holderIdentity"));
    }

    [Fact]
    public async Task A_webhook_is_told_instead_of_rolling()
    {
        await using var hook = await FakeApiServer.StartAsync();
        hook.Fault = _ => new JsonObject { ["kind"] = "Answer" };
        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        await Api.PutAsync(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { Webhook = hook.Config.Server });

        await Api.PutAsync(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await Eventually.HoldsAsync(() => hook.Requests.Contains("POST /"), "a call");
        Assert.Equal(1, await RevisionAsync("web"));
    }

    private static JsonObject In(string ns, JsonObject manifest)
    {
        manifest["metadata"]!["namespace"] = ns;
        return manifest;
    }
}

/// <summary>The cases on an API server of the tests' own.</summary>
public sealed class CasesOnOwnServer() : ReloaderCases(Target.Own);

/// <summary>The cases on a whole Kubernetes.</summary>
[Trait("Suite", "Kubernetes")]
public sealed class CasesOnKubernetes() : ReloaderCases(Target.Kubernetes);
