using System.Text.Json.Nodes;
using Switchback.LocalKubernetes.Store;
using Switchback.LocalKubernetes.Tests.Node;

namespace Switchback.LocalKubernetes.Tests.Store;

public sealed class ObjectStoreTests
{
    [Fact]
    public void State_survives_and_half_a_line_is_dropped()
    {
        using var directory = new TemporaryDirectory();
        long version;
        using (var store = New(directory["state"]))
        {
            store.Create(ResourceTypes.ConfigMap, Map("one"));
            store.Create(ResourceTypes.ConfigMap, Map("two"));
            store.Delete(ResourceTypes.ConfigMap, "default", "one");
            version = store.ResourceVersion;
        }

        File.AppendAllText(directory["state"], "{\"version\":99,\"type\":\"configma");
        using var again = new ObjectStore(directory["state"]);

        Assert.Equal(["two"], again.List(ResourceTypes.ConfigMap).Select(item => item.Name()));
        Assert.Equal(version, again.ResourceVersion);
        Assert.True(again.Create(ResourceTypes.ConfigMap, Map("three")).ResourceVersion() > version);
    }

    [Fact]
    public void A_line_that_is_no_change_is_named()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["state"], "{\"version\":1}\nnonsense\n");

        var wrong = Assert.Throws<InvalidDataException>(() => new ObjectStore(directory["state"]));
        Assert.Contains("line 2", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_platform_a_directory()
    {
        using var directory = new TemporaryDirectory();
        using var first = New(directory["state"]);

        Assert.ThrowsAny<IOException>(() => new ObjectStore(directory["state"]));
    }

    [Fact]
    public async Task A_watch_from_before_this_life_is_gone_and_a_slow_one_too()
    {
        using var directory = new TemporaryDirectory();
        New(directory["state"]).Dispose();
        using var store = new ObjectStore(directory["state"]);
        await AssertGoneAsync(store, 0);

        var from = store.ResourceVersion;
        store.Create(ResourceTypes.ConfigMap, Map("one"));
        for (var change = 0; change < 9000; change++)
        {
            store.Mutate(ResourceTypes.ConfigMap, "default", "one", item =>
            {
                item.Ensure("data")["n"] = change.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return true;
            });
        }

        await AssertGoneAsync(store, from);
    }

    [Fact]
    public async Task Every_change_is_told_once_and_in_order_while_many_write()
    {
        using var store = New(null);
        var from = store.ResourceVersion;
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var number = 0; number < 200; number++)
            {
                store.Create(ResourceTypes.ConfigMap, Map($"map-{writer}-{number}"));
            }
        })).ToList();

        var seen = new List<long>();
        await foreach (var change in store.WatchAsync(ResourceTypes.ConfigMap, fromResourceVersion: from, cancellation: TestContext.Current.CancellationToken))
        {
            seen.Add(change.ResourceVersion);
            if (seen.Count == 800)
            {
                break;
            }
        }

        await Task.WhenAll(writers);
        Assert.Equal(Enumerable.Range(1, 800).Select(number => from + number), seen);
    }

    [Fact]
    public void Mutations_from_many_sides_are_all_counted()
    {
        using var store = New(null);
        store.Create(ResourceTypes.ConfigMap, Map("counter"));
        Parallel.For(0, 500, _ => store.Mutate(ResourceTypes.ConfigMap, "default", "counter", item =>
        {
            var data = item.Ensure("data");
            data["n"] = (int.Parse(data.Text("n") ?? "0", System.Globalization.CultureInfo.InvariantCulture) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return true;
        }));

        Assert.Equal("500", store.Get(ResourceTypes.ConfigMap, "default", "counter").Text("data", "n"));
    }

    [Fact]
    public void A_pod_on_a_node_waits_for_its_end()
    {
        using var store = New(null);
        store.Create(ResourceTypes.Pod, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "pod", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["nodeName"] = "n", ["terminationGracePeriodSeconds"] = 30 },
        });

        var (first, gone) = store.Delete(ResourceTypes.Pod, "default", "pod");
        Assert.False(gone);
        Assert.Equal(30, first.Number("metadata", "deletionGracePeriodSeconds"));
        var (second, _) = store.Delete(ResourceTypes.Pod, "default", "pod", new DeleteOptions(GracePeriodSeconds: 5));
        Assert.Equal(5, second.Number("metadata", "deletionGracePeriodSeconds"));
        Assert.True(store.Delete(ResourceTypes.Pod, "default", "pod", DeleteOptions.Now).Gone);
    }

    private static ObjectStore New(string? path)
    {
        var store = new ObjectStore(path);
        store.Create(ResourceTypes.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } });
        return store;
    }

    private static JsonObject Map(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" } };

    private static async Task AssertGoneAsync(ObjectStore store, long from)
    {
        var failure = await Assert.ThrowsAsync<StatusException>(async () =>
        {
            await foreach (var change in store.WatchAsync(ResourceTypes.ConfigMap, fromResourceVersion: from, cancellation: TestContext.Current.CancellationToken))
            {
                Assert.Fail($"told {change.Type} instead");
            }
        });
        Assert.Equal(410, failure.Code);
    }
}
