using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;

namespace Switchback.LocalKubernetes.Tests.Api;

[Trait(ApiFixture.Suite, ApiFixture.Kubernetes)]
public sealed class WatchTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task A_watch_tells_every_change_after_the_list()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (_, list) = await api.SendAsync(HttpMethod.Get, path);
        using var watch = await OpenAsync($"{path}?watch=1&resourceVersion={list.Text("metadata", "resourceVersion")}");

        var (_, created) = await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("one", "a"));
        await api.SendAsync(HttpMethod.Patch, path + "/one", """{"data":{"key":"b"}}""", "application/merge-patch+json");
        await api.SendAsync(HttpMethod.Delete, path + "/one");

        var events = new[] { await NextAsync(watch), await NextAsync(watch), await NextAsync(watch) };
        Assert.Equal(["ADDED", "MODIFIED", "DELETED"], events.Select(one => one.Text("type")));
        Assert.All(events, one => Assert.Equal(created.Uid(), one.Object("object")!.Uid()));
        var versions = events.Select(one => one.Object("object")!.ResourceVersion()).ToList();
        Assert.Equal(versions.Order(), versions);
    }

    [Fact]
    public async Task A_watch_resumes_where_it_was()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (_, first) = await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("one", "a"));
        await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("two", "a"));

        using var watch = await OpenAsync($"{path}?watch=1&resourceVersion={first.ResourceVersion()}");

        Assert.Equal("two", (await NextAsync(watch)).Object("object")!.Name());
    }

    [Fact]
    public async Task Leaving_and_entering_the_selection_are_deletion_and_addition()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (_, list) = await api.SendAsync(HttpMethod.Get, path);
        using var watch = await OpenAsync($"{path}?watch=1&labelSelector=on%3Dyes&resourceVersion={list.Text("metadata", "resourceVersion")}");
        await api.SendAsync(HttpMethod.Post, path, Manifests.ConfigMap("one", "a"));
        foreach (var value in new[] { "\"yes\"", "null" })
        {
            await api.SendAsync(HttpMethod.Patch, path + "/one", $$$"""{"metadata":{"labels":{"on": {{{value}}} } }}""", "application/merge-patch+json");
        }

        Assert.Equal("ADDED", (await NextAsync(watch)).Text("type"));
        Assert.Equal("DELETED", (await NextAsync(watch)).Text("type"));
    }

    [Fact]
    public async Task A_version_of_an_earlier_life_is_gone()
    {
        api.OnlyEmbedded("its history begins with its process");
        using var watch = await OpenAsync("/api/v1/configmaps?watch=1&resourceVersion=1");
        // The history of this platform begins at 0; what it does not know is in the future.
        using var future = await OpenAsync("/api/v1/configmaps?watch=1&resourceVersion=999999999");

        Assert.Equal("ADDED", (await NextAsync(watch)).Text("type"));
        var error = await NextAsync(future);
        Assert.Equal("ERROR", error.Text("type"));
        Assert.Equal(504, error.Number("object", "code"));
    }

    [Fact]
    public async Task A_version_from_before_a_restart_is_answered_with_410()
    {
        api.OnlyEmbedded("its process is ended");
        await using var own = new ApiFixture();
        await own.StartAsync();
        var (_, list) = await own.SendAsync(HttpMethod.Get, "/api/v1/configmaps");
        await own.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", Manifests.ConfigMap("one", "a"));
        await own.StopAsync();
        await own.StartAsync();

        using var watch = new StreamReader(await own.Http.GetStreamAsync(
            $"/api/v1/configmaps?watch=1&resourceVersion={list.Text("metadata", "resourceVersion")}", TestContext.Current.CancellationToken));

        var error = await NextAsync(watch);
        Assert.Equal("ERROR", error.Text("type"));
        Assert.Equal(410, error.Number("object", "code"));
        Assert.Equal("Expired", error.Text("object", "reason"));
    }

    [Fact]
    public async Task A_watch_without_news_says_how_far_it_is()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var (_, list) = await api.SendAsync(HttpMethod.Get, path);
        // A real server tells it shortly before the end of the watch.
        using var watch = await OpenAsync($"{path}?watch=1&allowWatchBookmarks=true&timeoutSeconds=15&resourceVersion={list.Text("metadata", "resourceVersion")}");
        var (_, elsewhere) = await api.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", Manifests.ConfigMap("elsewhere-" + ns, "a"));

        var bookmark = await NextAsync(watch);

        await api.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/default/configmaps/elsewhere-" + ns);
        Assert.Equal("BOOKMARK", bookmark.Text("type"));
        Assert.Equal("ConfigMap", bookmark.Text("object", "kind"));
        Assert.True(bookmark.Object("object")!.ResourceVersion() >= elsewhere.ResourceVersion());
    }

    [Fact]
    public async Task The_beginning_can_be_part_of_the_watch()
    {
        api.Since(32, "initial events in a watch");
        var ns = await api.NamespaceAsync();
        using var watch = await OpenAsync(
            $"/api/v1/namespaces/{ns}/serviceaccounts?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");

        Assert.Equal("ADDED", (await NextAsync(watch)).Text("type"));
        var bookmark = await NextAsync(watch);
        Assert.Equal("BOOKMARK", bookmark.Text("type"));
        Assert.Equal("true", bookmark.Object("object")!.Annotation("k8s.io/initial-events-end"));
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_over()
    {
        using var watch = await OpenAsync("/api/v1/namespaces/kube-public/pods?watch=1&timeoutSeconds=1");

        Assert.Null(await watch.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    private async Task<StreamReader> OpenAsync(string path) => new(await api.Http.GetStreamAsync(path, TestContext.Current.CancellationToken));

    private static async Task<JsonObject> NextAsync(StreamReader watch) =>
        JsonNode.Parse(await watch.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException())!.AsObject();
}
