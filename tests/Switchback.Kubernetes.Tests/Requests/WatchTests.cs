using System.Collections.Concurrent;
using Switchback.Kubernetes.Tests.Fakes;

namespace Switchback.Kubernetes.Tests.Requests;

/// <summary>Lists and watches against a server that misbehaves.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Observed> seen = new();
    private readonly CancellationTokenSource ending = new();
    private FakeApiServer api = null!;
    private KubernetesClient client = null!;
    private Task following = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        api = await FakeApiServer.StartAsync();
        client = new KubernetesClient(api.Config);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await following.ContinueWith(_ => { }, TaskScheduler.Default);
        ending.Dispose();
        client.Dispose();
        await api.DisposeAsync();
    }

    [Fact]
    public async Task A_list_is_read_page_by_page_whole()
    {
        api.PageLimit = 7;
        for (var i = 0; i < 40; i++)
        {
            Put($"c{i:00}", "1");
        }

        var names = (await client.ListAsync(ResourceNames.ConfigMaps, new Selection(), TestContext.Current.CancellationToken)).Select(item => item.Name).ToList();
        Assert.Equal(40, names.Distinct().Count());
        Assert.Equal(6, api.Requests.Count(request => request.Contains("limit=", StringComparison.Ordinal)));
        var first = (await client.ListAsync(ResourceNames.ConfigMaps, new Selection("nowhere"), TestContext.Current.CancellationToken)).Count;
        Assert.Equal(0, first);
    }

    [Fact]
    public async Task What_is_there_comes_first_then_what_happens()
    {
        Put("a", "1");
        Follow();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Synchronized>().Any(), "the list");
        Put("b", "1");
        Put("a", "2");
        api.Store.Remove(ResourceNames.ConfigMaps, "default", "a");
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Removed>().Any(), "the deletion");
        Assert.Equal(["listed a", "synchronized", "changed b", "changed a", "removed a"], seen.Select(Describe));
    }

    [Fact]
    public async Task A_watch_that_is_cut_goes_on_where_it_was_without_a_list()
    {
        Put("a", "1");
        Follow();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Synchronized>().Any(), "the list");
        Put("b", "1");
        await Eventually.HoldsAsync(() => seen.Any(one => Describe(one) == "changed b"), "b");
        api.Store.CutWatches();
        Put("c", "1");
        await Eventually.HoldsAsync(() => seen.Any(one => Describe(one) == "changed c"), "c");
        Assert.Single(seen.OfType<Observed.Synchronized>());
        Assert.Single(seen, one => Describe(one) == "changed b");
    }

    [Fact]
    public async Task After_410_what_appeared_changed_and_vanished_meanwhile_is_found_by_a_list()
    {
        Put("stays", "1");
        Put("goes", "1");
        Follow();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Synchronized>().Any(), "the list");
        seen.Clear();
        await api.StopAsync();
        Put("comes", "1");
        Put("stays", "2");
        api.Store.Remove(ResourceNames.ConfigMaps, "default", "goes");
        api.Store.Forget();
        await api.RestartAsync();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Synchronized>().Any(), "another list");
        Assert.Equal(["listed comes", "listed stays", "removed goes", "synchronized"], seen.Where(one => one is not Observed.Failed).Select(Describe));
        Assert.NotEmpty(seen.OfType<Observed.Failed>());
    }

    [Fact]
    public async Task A_failed_list_is_told_and_tried_again_and_nothing_is_taken_for_gone()
    {
        Put("a", "1");
        var failures = 3;
        api.Fault = request => !request.Query.ContainsKey("watch") && Interlocked.Decrement(ref failures) >= 0
            ? FakeApiServer.Status(500, "InternalError", "etcd is not well")
            : null;
        Follow();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Synchronized>().Any(), "the list");
        Assert.Equal(["failed etcd is not well", "failed etcd is not well", "failed etcd is not well", "listed a", "synchronized"], seen.Select(Describe));
    }

    [Fact]
    public async Task A_list_that_fails_between_its_pages_removes_nothing()
    {
        api.PageLimit = 1;
        Put("a", "1");
        Put("b", "1");
        Follow();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Synchronized>().Any(), "the list");
        seen.Clear();
        var failures = 2;
        api.Fault = request => request.Query.ContainsKey("continue") && Interlocked.Decrement(ref failures) >= 0
            ? FakeApiServer.Status(410, "Expired", "the continue token is too old")
            : null;
        api.Store.Forget();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Synchronized>().Any(), "another list");
        Assert.DoesNotContain(seen, one => one is Observed.Removed);
    }

    [Fact]
    public async Task Where_listing_works_and_watching_is_forbidden_the_lists_become_rare()
    {
        Put("a", "1");
        api.Fault = request => request.Query.ContainsKey("watch") ? FakeApiServer.Status(403, "Forbidden", "cannot watch") : null;
        Follow();
        await Eventually.HoldsAsync(() => seen.OfType<Observed.Failed>().Count() >= 4, "failures");
        var pauses = seen.OfType<Observed.Failed>().Select(failed => failed.Pause).ToList();
        Assert.True(pauses[3] > 4 * pauses[0], $"the pauses do not grow: {string.Join(", ", pauses)}");
        Assert.True(seen.OfType<Observed.Synchronized>().Count() >= 3, "no lists in between");
    }

    [Fact]
    public async Task Errors_carry_the_servers_status()
    {
        api.Fault = _ => FakeApiServer.Status(403, "Forbidden", "configmaps is forbidden");
        var error = await Assert.ThrowsAsync<KubernetesException>(
            () => client.ListAsync(ResourceNames.ConfigMaps, new Selection(), TestContext.Current.CancellationToken));
        Assert.Equal((403, "Forbidden", "configmaps is forbidden"), (error.Code, error.Reason, error.Message));
    }

    private void Put(string name, string value)
    {
        var configMap = ResourceNames.ConfigMaps.NewObject(name, "default");
        configMap.Ensure("data")["key"] = value;
        api.Store.Put(ResourceNames.ConfigMaps, configMap);
    }

    private void Follow() => following = Task.Run(async () =>
    {
        await foreach (var one in new Reflector(client, ResourceNames.ConfigMaps, new Selection()).RunAsync(ending.Token))
        {
            seen.Enqueue(one);
        }
    });

    private static string Describe(Observed one) => one switch
    {
        Observed.Changed changed => $"{(changed.Listed ? "listed" : "changed")} {changed.Object.Name}",
        Observed.Removed removed => $"removed {removed.Name}",
        Observed.Failed failed => $"failed {failed.Failure.Message}",
        _ => "synchronized",
    };
}
