using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Switchback.LocalKubernetes.Controllers;
using Switchback.LocalKubernetes.Controllers.Deployments;
using Switchback.LocalKubernetes.Store;
using Switchback.LocalKubernetes.Tests.Node;

namespace Switchback.LocalKubernetes.Tests.Controllers;

/// <summary>Deployments without a node: the tests say themselves which pods become ready.</summary>
public sealed class DeploymentTests : IAsyncLifetime
{
    private readonly ObjectStore _store = NodeFixture.NewStore();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        _running = ControllerManager.RunAsync(_store, NullLogger.Instance, _stop.Token);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task The_old_pod_serves_until_the_new_one_is_ready()
    {
        Create(replicas: 1);
        var old = Assert.Single(await PodsAsync(1));
        MakeReady(old);
        await CompleteAsync();

        ChangeTemplate("two");

        var both = await PodsAsync(2);
        var fresh = both.Single(pod => pod.Name() != old.Name());
        await Eventually.HoldsAsync(() => Deployment().Number("status", "updatedReplicas") == 1 && Deployment().Number("status", "observedGeneration") == Deployment().Generation(), "the rollout is under way");
        Assert.Equal("True", Condition("Available"));
        Assert.False(_store.Get(ResourceTypes.Pod, "default", old.Name()).IsBeingDeleted());

        MakeReady(fresh);

        await Eventually.HoldsAsync(() => _store.Find(ResourceTypes.Pod, "default", old.Name()) is null, "the old pod is deleted");
        await CompleteAsync();
        Assert.Equal("2", Deployment().Annotation("deployment.kubernetes.io/revision"));
        var sets = _store.List(ResourceTypes.ReplicaSet).OrderBy(Revisions.Of).ToList();
        Assert.Equal([0, 1], sets.Select(set => set.Number("spec", "replicas") ?? -1));
        Assert.Equal(
            [$"Scaled up replica set {sets[0].Name()} from 0 to 1", $"Scaled up replica set {sets[1].Name()} from 0 to 1", $"Scaled down replica set {sets[0].Name()} from 1 to 0"],
            _store.List(ResourceTypes.Event).Where(item => item.Text("reason") == "ScalingReplicaSet").OrderBy(item => item.ResourceVersion()).Select(item => item.Text("message")));
    }

    [Fact]
    public async Task A_template_that_comes_back_takes_its_set_back_under_a_new_revision()
    {
        Create(replicas: 1);
        MakeReady(Assert.Single(await PodsAsync(1)));
        await CompleteAsync();
        var first = Assert.Single(_store.List(ResourceTypes.ReplicaSet)).Name();
        await RollAsync("two");

        await RollAsync("one");

        var sets = _store.List(ResourceTypes.ReplicaSet);
        Assert.Equal(2, sets.Count);
        var current = sets.Single(set => set.Number("spec", "replicas") == 1);
        Assert.Equal(first, current.Name());
        Assert.Equal("3", current.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal("1", current.Annotation("deployment.kubernetes.io/revision-history"));
    }

    [Fact]
    public async Task Recreate_ends_the_old_pods_before_it_makes_new_ones()
    {
        Create(replicas: 2, strategy: "{ \"type\": \"Recreate\" }");
        var old = await PodsAsync(2);
        old.ToList().ForEach(MakeReady);
        await CompleteAsync();

        // A node would take its time: a placed pod stays until its end is confirmed.
        foreach (var pod in old)
        {
            _store.Mutate(ResourceTypes.Pod, "default", pod.Name(), item =>
            {
                item.Ensure("spec")["nodeName"] = "somewhere";
                return true;
            });
        }

        ChangeTemplate("two");
        await Eventually.HoldsAsync(() => old.All(pod => _store.Find(ResourceTypes.Pod, "default", pod.Name())?.IsBeingDeleted() == true), "the old pods are being deleted");
        Assert.Equal(2, _store.List(ResourceTypes.Pod).Count);

        old.ToList().ForEach(pod => _store.Delete(ResourceTypes.Pod, "default", pod.Name(), DeleteOptions.Now));
        var fresh = await PodsAsync(2);
        Assert.All(fresh, pod => Assert.DoesNotContain(pod.Name(), old.Select(one => one.Name())));
    }

    [Fact]
    public async Task Paused_it_rolls_nothing_out_and_still_scales()
    {
        Create(replicas: 1);
        MakeReady(Assert.Single(await PodsAsync(1)));
        await CompleteAsync();
        Mutate(item => item.Ensure("spec")["paused"] = true);
        ChangeTemplate("two");
        Mutate(item => item.Ensure("spec")["replicas"] = 2);

        await PodsAsync(2);
        Assert.Single(_store.List(ResourceTypes.ReplicaSet));
        await Eventually.HoldsAsync(() => Reason("Progressing") == "DeploymentPaused", "it says so");
    }

    [Fact]
    public async Task A_rollout_that_does_not_get_on_is_said_to_have_timed_out()
    {
        Create(replicas: 1, more: "\"progressDeadlineSeconds\": 1,");

        await Eventually.HoldsAsync(() => Reason("Progressing") == "ProgressDeadlineExceeded", "the deadline is over");
        Assert.Equal("False", Condition("Progressing"));
        Assert.Equal("False", Condition("Available"));

        MakeReady(Assert.Single(await PodsAsync(1)));
        await CompleteAsync();
    }

    [Fact]
    public async Task Only_as_many_old_sets_are_kept_as_the_history_limit_says()
    {
        Create(replicas: 1, more: "\"revisionHistoryLimit\": 1,");
        MakeReady(Assert.Single(await PodsAsync(1)));
        await CompleteAsync();
        await RollAsync("two");
        await RollAsync("three");

        await Eventually.HoldsAsync(() => _store.List(ResourceTypes.ReplicaSet).Count == 2, "the oldest is deleted");
    }

    [Fact]
    public async Task A_lost_pod_is_replaced_and_endpoints_hold_ready_pods_only()
    {
        _store.Create(ResourceTypes.Service, JsonNode.Parse("""{ "metadata": { "name": "app", "namespace": "default" }, "spec": { "selector": { "app": "app" }, "ports": [{ "port": 80, "targetPort": 8080 }] } }""")!.AsObject());
        Create(replicas: 2);
        var pods = await PodsAsync(2);
        MakeReady(pods[0]);
        await Eventually.HoldsAsync(() => Addresses("addresses") == 1, "one is ready");

        _store.Delete(ResourceTypes.Pod, "default", pods[0].Name(), DeleteOptions.Now);

        await Eventually.HoldsAsync(() => Addresses("addresses") == 0, "it is gone from the endpoints");
        var now = await PodsAsync(2);
        now.ToList().ForEach(MakeReady);
        await Eventually.HoldsAsync(() => Addresses("addresses") == 2, "both are ready");
        var slice = Assert.Single(_store.List(ResourceTypes.EndpointSlice));
        Assert.Equal(2, slice.Items("endpoints").Count(endpoint => endpoint.Flag("conditions", "ready") == true));
        Assert.Equal(8080, slice.Items("ports").Single().Number("port"));
    }

    private int Addresses(string field) => _store.Find(ResourceTypes.Endpoints, "default", "app")?.Items("subsets").Sum(subset => subset.Items(field).Count()) ?? -1;

    private JsonObject Deployment() => _store.Get(ResourceTypes.Deployment, "default", "app");

    private JsonObject? ConditionObject(string type) => Deployment().Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == type);

    private string? Condition(string type) => ConditionObject(type)?.Text("status");

    private string? Reason(string type) => ConditionObject(type)?.Text("reason");

    private void Create(int replicas, string strategy = "{ \"type\": \"RollingUpdate\" }", string more = "") => _store.Create(ResourceTypes.Deployment, JsonNode.Parse($$"""
        { "metadata": { "name": "app", "namespace": "default" }, "spec": { "replicas": {{replicas}}, {{more}} "strategy": {{strategy}}, "selector": { "matchLabels": { "app": "app" } },
          "template": { "metadata": { "labels": { "app": "app" } }, "spec": { "containers": [{ "name": "main", "image": "one" }] } } } }
        """)!.AsObject());

    private void Mutate(Action<JsonObject> change) => _store.Mutate(ResourceTypes.Deployment, "default", "app", item =>
    {
        change(item);
        return true;
    });

    private void ChangeTemplate(string image) => Mutate(item => item["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image);

    private async Task RollAsync(string image)
    {
        ChangeTemplate(image);
        await Eventually.HoldsAsync(() => _store.List(ResourceTypes.Pod).Any(pod => pod.Items("spec", "containers").First().Text("image") == image), "the new pod is made");
        MakeReady(_store.List(ResourceTypes.Pod).Single(pod => pod.Items("spec", "containers").First().Text("image") == image));
        await CompleteAsync();
    }

    private async Task<IReadOnlyList<JsonObject>> PodsAsync(int count)
    {
        await Eventually.HoldsAsync(() => _store.List(ResourceTypes.Pod).Count(pod => !pod.IsBeingDeleted()) == count, $"there are {count} pods");
        return [.. _store.List(ResourceTypes.Pod).Where(pod => !pod.IsBeingDeleted())];
    }

    private void MakeReady(JsonObject pod) => _store.Mutate(ResourceTypes.Pod, "default", pod.Name(), item =>
    {
        item["status"] = JsonNode.Parse($$"""{ "phase": "Running", "podIP": "10.0.0.{{Random.Shared.Next(1, 255)}}", "conditions": [{ "type": "Ready", "status": "True", "lastTransitionTime": "{{DateTimeOffset.UtcNow.ToTimestamp()}}" }] }""");
        return true;
    });

    /// <summary>As <c>kubectl rollout status</c> judges: the reason alone stays what it was until a new rollout has got somewhere.</summary>
    private Task CompleteAsync() => Eventually.HoldsAsync(
        () => Reason("Progressing") == "NewReplicaSetAvailable" && Deployment().Number("status", "observedGeneration") == Deployment().Generation()
            && new[] { "updatedReplicas", "replicas", "availableReplicas" }.All(count => Deployment().Number("status", count) == Deployment().Number("spec", "replicas")), "the rollout is complete");
}
