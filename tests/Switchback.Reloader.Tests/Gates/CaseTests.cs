using System.Net;
using Switchback.Kubernetes;
using Switchback.Kubernetes.Tests.Fakes;
using Switchback.Reloader.Options;

namespace Switchback.Reloader.Tests.Gates;

/// <summary>The cases that stakater/Reloader's own tests hold it to, against a running reloader.</summary>
[Trait("Suite", "Kubernetes")]
public sealed class CaseTests : ClusterTest
{
    [Theory]
    [InlineData("DaemonSet")]
    [InlineData("StatefulSet")]
    public async Task DaemonSets_and_StatefulSets_roll_too(string kind)
    {
        var resource = kind == "DaemonSet" ? ResourceNames.DaemonSets : ResourceNames.StatefulSets;
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(resource, Given.Workload("web", """{"reloader.stakater.com/auto": "true"}""", kind));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);

        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await Eventually.HoldsAsync(() => Find("web", resource).Variable(Variable) == Hash("key=west"), "the variable");
    }

    [Fact]
    public async Task Changes_one_after_the_other_roll_each_time()
    {
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "v1"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);

        foreach (var (value, generation) in new[] { ("v2", 2), ("v3", 3), ("v1", 4) })
        {
            Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", value));
            await RolledAsync("web", generation);
            Assert.Equal(Hash($"key={value}"), Find("web").Variable(Variable));
        }

        await NothingMoreAsync(reloader);
        Assert.Equal(4, Find("web").Generation());
    }

    [Fact]
    public async Task Only_labels_and_annotations_changed_is_no_change()
    {
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await RememberedAsync("web");

        var labelled = Given.ConfigMap("config", "north", """{"note": "changed"}""");
        labelled["metadata"]!["labels"] = Given.Manifest("""{"tier": "front"}""");
        Api.Store.Put(ResourceNames.ConfigMaps, labelled);

        await NothingMoreAsync(reloader);
        Assert.Equal(1, Find("web").Generation());
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_resource_that_appears_rolls_only_when_asked(bool onCreate, long generation)
    {
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { ReloadOnCreate = onCreate });
        await RememberedAsync("web");

        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));

        await RolledAsync("web", generation);
        await NothingMoreAsync(reloader);
        Assert.Equal(generation, Find("web").Generation());
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task A_resource_that_vanishes_rolls_only_when_asked(bool onDelete, long generation)
    {
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { ReloadOnDelete = onDelete });
        await RememberedAsync("web");

        Api.Store.Remove(ResourceNames.ConfigMaps, Given.Namespace, "config");

        await RolledAsync("web", generation);
        await NothingMoreAsync(reloader);
        Assert.Equal(generation, Find("web").Generation());
    }

    [Fact]
    public async Task One_ConfigMap_rolls_every_one_of_fifty_Deployments_once()
    {
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", new string('n', 100_000)));
        for (var i = 0; i < 50; i++)
        {
            Api.Store.Put(ResourceNames.Deployments, Given.Workload($"web-{i}", Given.Named("config")));
        }

        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", new string('w', 100_000)));

        await Eventually.HoldsAsync(() => Api.Store.All(ResourceNames.Deployments).All(web => web.Generation() == 2), "all fifty");
        await NothingMoreAsync(reloader);
        Assert.All(Api.Store.All(ResourceNames.Deployments), web => Assert.Equal(2, web.Generation()));
    }

    [Fact]
    public async Task A_CronJob_runs_once_more_as_kubectl_create_job_would()
    {
        Api.Needs(ResourceNames.CronJobs, "1.21");
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.CronJobs, Given.Manifest($$"""
            {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "report", "namespace": "shop", "annotations": {{Given.Named("config")}} },
             "spec": {"schedule": "0 0 * * *", "jobTemplate": {"metadata": {"labels": {"app": "report"} },
                      "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "report", "image": "report"}]} } } } } }
            """));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await Eventually.HoldsAsync(() => Find("report", ResourceNames.CronJobs).Annotation(AnnotationKeys.Seen) is not null, "marks");

        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await Eventually.HoldsAsync(() => Api.Store.All(ResourceNames.Jobs).Count > 0, "a Job");
        await NothingMoreAsync(reloader);
        var job = Assert.Single(Api.Store.All(ResourceNames.Jobs));
        Assert.StartsWith("report-", job.Name, StringComparison.Ordinal);
        Assert.Equal("manual", job.Annotation("cronjob.kubernetes.io/instantiate"));
        Assert.Equal("report", job.Label("app"));
        Assert.Equal("report", job.Items("metadata", "ownerReferences").Single().Text("name"));
        Assert.Equal("report", job.Items("spec", "template", "spec", "containers").Single().Text("image"));
    }

    [Fact]
    public async Task A_Job_is_made_anew()
    {
        Api.OnlyOwn("it writes a Job's selector, which a Job's controller writes");
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Jobs, Given.Manifest($$"""
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "import", "namespace": "shop", "annotations": {{Given.Named("config")}},
             "labels": {"app": "import", "controller-uid": "1"} },
             "spec": {"selector": {"matchLabels": {"controller-uid": "1"} },
                      "template": {"metadata": {"labels": {"controller-uid": "1", "job-name": "import"} },
                                   "spec": {"restartPolicy": "Never", "containers": [{"name": "import", "image": "import"}]} } } }
            """));
        var before = Find("import", ResourceNames.Jobs).Uid;
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        await Eventually.HoldsAsync(() => Find("import", ResourceNames.Jobs).Annotation(AnnotationKeys.Seen) is not null, "marks");

        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await Eventually.HoldsAsync(() => Api.Store.Find(ResourceNames.Jobs, Given.Namespace, "import") is { } job && job.Uid != before, "another Job");
        await NothingMoreAsync(reloader);
        var anew = Find("import", ResourceNames.Jobs);
        Assert.Equal(Hash("key=west"), anew.Variable(Variable));
        Assert.Null(anew.At("spec", "selector"));
        Assert.Null(anew.Label("controller-uid"));
        Assert.Equal("import", anew.Label("app"));
    }

    [Fact]
    public async Task A_pause_holds_the_rollout_back_and_ends_even_if_the_reloader_was_restarted_meanwhile()
    {
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload(
            "web", """{"configmap.reloader.stakater.com/reload": "config", "deployment.reloader.stakater.com/pause-period": "2s"}"""));
        await using (var reloader = await RunningReloader.StartAsync(Api.Config))
        {
            await RememberedAsync("web");
            Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
            await Eventually.HoldsAsync(() => Find("web").Flag("spec", "paused"), "the pause");
            Assert.Equal(Hash("key=west"), Find("web").Variable(Variable));
        }

        Assert.True(Find("web").Flag("spec", "paused"));
        await using var restarted = await RunningReloader.StartAsync(Api.Config);
        await Eventually.HoldsAsync(() => !Find("web").Flag("spec", "paused"), "the end of the pause");
        Assert.Null(Find("web").Annotation("deployment.reloader.stakater.com/paused-at"));
    }

    [Fact]
    public async Task A_pattern_that_is_none_is_an_Event_and_a_log_line_and_the_rest_goes_on()
    {
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("[a-,config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);

        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await RolledAsync("web", generation: 2);
        await Eventually.HoldsAsync(() => Api.Store.All(ResourceNames.Events).Any(item => item.Text("reason") == "InvalidAnnotation"), "an Event");
        Assert.Single(Api.Store.All(ResourceNames.Events), item => item.Text("reason") == "InvalidAnnotation");
        Assert.Single(reloader.Lines, line => line.Contains("\"[a-\" is not a regular expression", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Namespaces_can_be_chosen_left_out_and_selected_by_label()
    {
        foreach (var ns in (string[])["shop", "bank", "dock"])
        {
            var space = ResourceNames.Namespaces.NewObject(ns);
            space["metadata"]!["labels"] = Given.Manifest($$"""{"reload": "{{(ns == "dock" ? "no" : "yes")}}"}""");
            Api.Store.Put(ResourceNames.Namespaces, space);
        }

        await using var reloader = await RunningReloader.StartAsync(
            Api.Config, options => options with { NamespaceSelector = "reload=yes", NamespacesToIgnore = ["bank"] });
        foreach (var value in (string[])["north", "west"])
        {
            foreach (var ns in (string[])["dock", "bank", "shop"])
            {
                Api.Store.Put(ResourceNames.ConfigMaps, In(ns, Given.ConfigMap("config", value)));
                Api.Store.Put(ResourceNames.Deployments, In(ns, Api.Store.Find(ResourceNames.Deployments, ns, "web") ?? Given.Workload("web", Given.Named("config"))));
            }

            await RememberedAsync("web");
        }

        await RolledAsync("web", generation: 2);
        await NothingMoreAsync(reloader);
        Assert.Null(Api.Store.Find(ResourceNames.Deployments, "bank", "web")!.Variable(Variable));
        Assert.Null(Api.Store.Find(ResourceNames.Deployments, "dock", "web")!.Variable(Variable));

        static System.Text.Json.Nodes.JsonObject In(string ns, System.Text.Json.Nodes.JsonObject manifest)
        {
            manifest["metadata"]!["namespace"] = ns;
            return manifest;
        }
    }

    [Fact]
    public async Task Metrics_and_live_answer_under_stakaters_names()
    {
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config);
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await RolledAsync("web", generation: 2);
        await NothingMoreAsync(reloader);

        using var http = new HttpClient { BaseAddress = new Uri($"http://{await reloader.Ready}") };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/live", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/other", TestContext.Current.CancellationToken)).StatusCode);
        var text = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("reloader_reload_executed_total{success=\"true\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("reloader_reload_executed_total{success=\"false\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("reloader_reload_executed_total_by_namespace{success=\"true\",namespace=\"shop\"} 1\n", text, StringComparison.Ordinal);
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
        LeaseOptions Lease(string identity) => new("stakater-reloader-lock", Given.Namespace, identity)
        {
            Duration = TimeSpan.FromSeconds(1),
            RenewDeadline = TimeSpan.FromMilliseconds(700),
            RetryPeriod = TimeSpan.FromMilliseconds(100),
        };
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        var one = await RunningReloader.StartAsync(Api.Config, options => options with { LeaderElection = Lease("one"), SettleWindow = TimeSpan.FromSeconds(20) });
        await Eventually.HoldsAsync(
            () => Api.Store.Find(ResourceNames.Leases, Given.Namespace, "stakater-reloader-lock")?.Text("spec", "holderIdentity") == "one", "a leader");
        await using var two = await RunningReloader.StartAsync(Api.Config, options => options with { LeaderElection = Lease("two") });

        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));
        await one.DisposeAsync();

        await RolledAsync("web", generation: 2);
        await NothingMoreAsync(two);
        Assert.Equal(2, Find("web").Generation());
        Assert.Equal("two", Api.Store.Find(ResourceNames.Leases, Given.Namespace, "stakater-reloader-lock")!.Text("spec", "holderIdentity"));
    }

    [Fact]
    public async Task A_webhook_is_told_instead_of_rolling()
    {
        await using var hook = await FakeApiServer.StartAsync();
        hook.Fault = _ => new System.Text.Json.Nodes.JsonObject { ["kind"] = "Answer" };
        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "north"));
        Api.Store.Put(ResourceNames.Deployments, Given.Workload("web", Given.Named("config")));
        await using var reloader = await RunningReloader.StartAsync(Api.Config, options => options with { Webhook = hook.Config.Server });

        Api.Store.Put(ResourceNames.ConfigMaps, Given.ConfigMap("config", "west"));

        await Eventually.HoldsAsync(() => hook.Requests.Contains("POST /"), "a call");
        Assert.Equal(1, Find("web").Generation());
    }
}
