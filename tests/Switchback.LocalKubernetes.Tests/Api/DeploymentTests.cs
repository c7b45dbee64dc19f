using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Api;

/// <summary>Rollouts of a Deployment as its settings ask for them, with pods that run.</summary>
[Trait(ApiFixture.Suite, ApiFixture.Kubernetes)]
public sealed class DeploymentTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(2, 1)]
    public async Task A_rollout_keeps_within_its_surge_and_its_unavailable_pods(int surge, int unavailable)
    {
        const int Replicas = 3;
        var ns = await RunAsync($"replicas: {Replicas}, strategy: {{ rollingUpdate: {{ maxSurge: {surge}, maxUnavailable: {unavailable} }} }}");
        var deployments = $"/apis/apps/v1/namespaces/{ns}/deployments";
        var sets = $"/apis/apps/v1/namespaces/{ns}/replicasets";
        var (_, before) = await api.SendAsync(HttpMethod.Get, deployments);
        var (_, setsBefore) = await api.SendAsync(HttpMethod.Get, sets);
        var wanted = setsBefore.Items("items").ToDictionary(set => set.Name(), set => set.Number("spec", "replicas") ?? 0);
        var old = wanted.Keys.Single();
        using var watch = await OpenAsync($"{deployments}?watch=1&resourceVersion={before.Text("metadata", "resourceVersion")}");
        using var setWatch = await OpenAsync($"{sets}?watch=1&resourceVersion={setsBefore.Text("metadata", "resourceVersion")}");

        await api.OkAsync($"set env deploy/web GREETING=two -n {ns}");

        var available = new List<long>();
        JsonObject seen;
        do
        {
            seen = await NextAsync(watch);
            available.Add(seen.Number("status", "availableReplicas") ?? 0);
        }
        while (seen.Generation() == before.Items("items").Single().Generation() || !IsComplete(seen, Replicas));
        Assert.True(available.Min() >= Replicas - unavailable, string.Join(", ", available));

        var asked = new List<long>();
        do
        {
            seen = await NextAsync(setWatch);
            wanted[seen.Name()] = seen.Number("spec", "replicas") ?? 0;
            asked.Add(wanted.Values.Sum());
        }
        while (wanted.Values.Sum() != Replicas || !wanted.Any(set => set.Key != old && set.Value == Replicas));
        Assert.True(asked.Max() <= Replicas + surge, string.Join(", ", asked));
    }

    [Fact]
    public async Task A_rollout_that_does_not_get_on_says_so_after_its_deadline()
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"apply -n {ns} -f -", Web("replicas: 1, progressDeadlineSeconds: 3", ready: "false"));

        var (code, _, error) = await api.KubectlAsync($"rollout status deploy/web -n {ns} --timeout=120s");

        Assert.NotEqual(0, code);
        Assert.Equal("error: deployment \"web\" exceeded its progress deadline", error.Trim());
        var (_, seen) = await api.SendAsync(HttpMethod.Get, $"/apis/apps/v1/namespaces/{ns}/deployments/web");
        Assert.Equal("ProgressDeadlineExceeded", Reason(seen));
    }

    [Fact]
    public async Task Paused_it_keeps_its_pods_and_resumed_it_rolls()
    {
        var ns = await RunAsync("replicas: 1");
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments/web";
        Assert.Equal("deployment.apps/web paused", await api.OkAsync($"rollout pause deploy/web -n {ns}"));
        await api.OkAsync($"set env deploy/web GREETING=two -n {ns}");
        await api.UntilAsync(path, item => item.Number("status", "observedGeneration") == item.Generation() && Reason(item) == "DeploymentPaused", "it is seen as paused");
        Assert.Single(await SetsAsync(ns));

        Assert.Equal("deployment.apps/web resumed", await api.OkAsync($"rollout resume deploy/web -n {ns}"));

        await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=120s");
        Assert.Equal(2, (await SetsAsync(ns)).Count);
        Assert.Equal("hello from two", await NewestLogAsync(ns));
    }

    [Fact]
    public async Task Only_as_many_old_revisions_are_kept_as_its_limit_says()
    {
        var ns = await RunAsync("replicas: 1, revisionHistoryLimit: 1");
        foreach (var greeting in new[] { "two", "three" })
        {
            await api.OkAsync($"set env deploy/web GREETING={greeting} -n {ns}");
            await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=120s");
        }

        await Eventually.HoldsAsync(async () => (await SetsAsync(ns)).Count == 2, "the oldest revision is deleted");
        Assert.Matches(@"REVISION +CHANGE-CAUSE\n2 +<none>\n3 +<none>$", await api.OkAsync($"rollout history deploy/web -n {ns}"));
    }

    [Fact]
    public async Task A_restart_makes_new_pods_of_the_same_template()
    {
        var ns = await RunAsync("replicas: 1");
        var before = await api.OkAsync($$"""get pods -n {{ns}} -o jsonpath={.items[*].metadata.name}""");

        await api.OkAsync($"rollout restart deploy/web -n {ns}");
        await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=120s");

        Assert.Equal("hello from one", await NewestLogAsync(ns));
        await Eventually.HoldsAsync(async () => !(await api.OkAsync($"get pods -n {ns} -o name")).Contains(before, StringComparison.Ordinal), "the old pod is gone");
        Assert.Contains("ScalingReplicaSet", await api.OkAsync($"events -n {ns}"), StringComparison.Ordinal);
        Assert.Contains("Created container", await api.OkAsync($"describe pods -n {ns}"), StringComparison.Ordinal);
    }

    private static string Web(string spec, string ready = "true") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web }
        spec:
          { {{spec}}, selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: {
              terminationGracePeriodSeconds: 1,
              containers: [ { name: app, image: "sh:1", args: [ "echo hello from $GREETING; exec sleep 600" ], env: [ { name: GREETING, value: one } ],
                readinessProbe: { exec: { command: [ "{{ready}}" ] }, periodSeconds: 1 } } ] } } }
        """;

    private static bool IsComplete(JsonObject deployment, int replicas) =>
        deployment.Number("status", "observedGeneration") == deployment.Generation() && new[] { "updatedReplicas", "replicas", "availableReplicas" }.All(field => deployment.Number("status", field) == replicas);

    private static string? Reason(JsonObject deployment) =>
        deployment.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Progressing")?.Text("reason");

    private static async Task<JsonObject> NextAsync(StreamReader watch) =>
        JsonNode.Parse(await watch.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException())!.AsObject().Object("object")!;

    private async Task<StreamReader> OpenAsync(string path) => new(await api.Http.GetStreamAsync(path, TestContext.Current.CancellationToken));

    private async Task<IReadOnlyList<JsonObject>> SetsAsync(string ns) =>
        [.. (await api.SendAsync(HttpMethod.Get, $"/apis/apps/v1/namespaces/{ns}/replicasets")).Body.Items("items")];

    /// <summary>What the pod says that was made last.</summary>
    private async Task<string> NewestLogAsync(string ns)
    {
        var set = (await SetsAsync(ns)).MaxBy(one => long.Parse(one.Annotation("deployment.kubernetes.io/revision")!, System.Globalization.CultureInfo.InvariantCulture))!;
        var pods = (await api.SendAsync(HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods")).Body.Items("items");
        return (await api.LogAsync(ns, pods.Single(pod => pod.Controller()?.Text("uid") == set.Uid()).Name())).Trim();
    }

    private async Task<string> RunAsync(string spec)
    {
        var ns = await api.NamespaceAsync();
        await api.OkAsync($"apply -n {ns} -f -", Web(spec));
        await api.OkAsync($"rollout status deploy/web -n {ns} --timeout=120s");
        return ns;
    }
}
