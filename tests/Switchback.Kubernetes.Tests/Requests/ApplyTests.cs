using System.Text.Json.Nodes;
using Switchback.Kubernetes.Tests.Fakes;

namespace Switchback.Kubernetes.Tests.Requests;

/// <summary><c>kubectl apply</c>'s three-way merge, and the requests it makes.</summary>
public sealed class ApplyTests
{
    [Theory]
    // Set now; kept from others; removed because it was applied before.
    [InlineData("{}", """{"a": 1}""", """{"b": 2}""", """{"b": 2, "a": 1}""")]
    [InlineData("""{"a": 1, "c": 3}""", """{"a": 1}""", """{"a": 1, "b": 2, "c": 3}""", """{"a": 1, "b": 2}""")]
    [InlineData("""{"m": {"x": 1, "y": 1}}""", """{"m": {"x": 2}}""", """{"m": {"x": 1, "y": 1, "z": 1}}""", """{"m": {"x": 2, "z": 1}}""")]
    // Empty objects keep the defaults; null unsets; plain lists are replaced.
    [InlineData("{}", """{"strategy": {}}""", """{"strategy": {"type": "RollingUpdate"}}""", """{"strategy": {"type": "RollingUpdate"}}""")]
    [InlineData("{}", """{"creationTimestamp": null}""", """{"creationTimestamp": "now"}""", "{}")]
    [InlineData("{}", """{"args": ["b"]}""", """{"args": ["a", "c"]}""", """{"args": ["b"]}""")]
    // Lists with a key: another's variable stays, a removed one goes, a changed one changes.
    [InlineData(
        """{"env": [{"name": "gone"}, {"name": "a", "value": "1"}]}""",
        """{"env": [{"name": "a", "value": "2"}]}""",
        """{"env": [{"name": "gone"}, {"name": "a", "value": "1"}, {"name": "STAKATER", "value": "x"}]}""",
        """{"env": [{"name": "a", "value": "2"}, {"name": "STAKATER", "value": "x"}]}""")]
    [InlineData(
        "{}",
        """{"containers": [{"name": "c", "image": "2"}]}""",
        """{"containers": [{"name": "c", "image": "1", "imagePullPolicy": "Always"}]}""",
        """{"containers": [{"name": "c", "image": "2", "imagePullPolicy": "Always"}]}""")]
    [InlineData(
        "{}",
        """{"ports": [{"port": 8080, "targetPort": 8080}]}""",
        """{"ports": [{"port": 8080, "targetPort": 80, "nodePort": 30000}]}""",
        """{"ports": [{"port": 8080, "targetPort": 8080, "nodePort": 30000}]}""")]
    // One port for TCP and UDP: the key does not tell them apart, so the list is taken whole.
    [InlineData(
        "{}",
        """{"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}""",
        """{"ports": [{"port": 53, "protocol": "TCP", "nodePort": 1}]}""",
        """{"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}""")]
    public void The_merge_is_kubectls(string last, string now, string there, string expected)
    {
        var merged = ThreeWayMerge.Merge(Object(last), Object(now), Object(there));
        Assert.True(JsonNode.DeepEquals(Object(expected), merged), merged.ToJsonString());
        var patched = Rfc7386(Object(there), ThreeWayMerge.Difference(Object(there), merged));
        Assert.True(JsonNode.DeepEquals(merged, patched), patched.ToJsonString());
    }

    [Fact]
    public async Task An_object_is_created_then_left_then_changed_and_what_others_wrote_stays()
    {
        await using var api = await FakeApiServer.StartAsync();
        using var client = new KubernetesClient(api.Config);
        var manifest = Object("""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "creationTimestamp": null}, "data": {"a": "1", "b": "1"}}""");

        var created = await client.ApplyAsync(manifest, TestContext.Current.CancellationToken);
        Assert.Equal(ApplyOutcome.Created, created.Outcome);
        Assert.Equal("default", created.Object.Namespace);
        Assert.NotNull(created.Object.Annotation(KubernetesClient.LastApplied));

        Assert.Equal(ApplyOutcome.Unchanged, (await client.ApplyAsync(manifest, TestContext.Current.CancellationToken)).Outcome);

        await client.PatchAsync(
            ResourceNames.ConfigMaps, "default", "c", Object("""{"data": {"theirs": "x"}}"""), PatchType.Merge, TestContext.Current.CancellationToken);
        manifest["data"] = Object("""{"a": "2"}""");
        var changed = await client.ApplyAsync(manifest, TestContext.Current.CancellationToken);
        Assert.Equal(ApplyOutcome.Configured, changed.Outcome);
        Assert.Equal("""{"a":"2","theirs":"x"}""", Sorted(changed.Object.Object("data")!));
    }

    [Fact]
    public async Task Someone_elses_change_in_between_is_seen_and_not_overwritten()
    {
        await using var api = await FakeApiServer.StartAsync();
        using var client = new KubernetesClient(api.Config);
        var manifest = Object("""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}, "data": {"a": "1"}}""");
        await client.ApplyAsync(manifest, TestContext.Current.CancellationToken);
        var interfered = 0;
        api.Fault = request =>
        {
            if (request.Method == "PATCH" && interfered++ == 0)
            {
                var other = api.Store.Find(ResourceNames.ConfigMaps, "default", "c")!;
                other.Ensure("data")["theirs"] = "x";
                api.Store.Put(ResourceNames.ConfigMaps, other);
            }

            return null;
        };
        manifest["data"] = Object("""{"a": "2"}""");
        var changed = await client.ApplyAsync(manifest, TestContext.Current.CancellationToken);
        Assert.Equal("""{"a":"2","theirs":"x"}""", Sorted(changed.Object.Object("data")!));
        Assert.Equal(2, interfered);
    }

    private static JsonObject Rfc7386(JsonObject target, JsonObject patch) => FakePatch.Merge(target, patch, strategic: false);

    private static JsonObject Object(string json) => JsonNode.Parse(json)!.AsObject();

    private static string Sorted(JsonObject map) => new JsonObject(map.OrderBy(pair => pair.Key).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
