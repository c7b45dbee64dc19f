using System.Globalization;
using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>MirrorMaker 2 between two embedded clusters: it is a producer, a consumer, an administrator and a keeper of compacted topics in one.</summary>
public sealed class MirrorMakerTests : IDisposable
{
    private const int Partitions = 3;


    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("switchback-mirrormaker-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_mirrors_records_and_offsets_and_goes_on_after_its_source_was_killed()
    {
        ApacheKafka.RequireHome();
        await using var north = new PlaintextBroker("north", Path.Combine(_folder.FullName, "north"), 1);
        await using var west = new PlaintextBroker("west", Path.Combine(_folder.FullName, "west"), 1);
        await north.StartAsync();
        await west.StartAsync();
        await using var judge = new Judge(north.Target);
        await using var judgeOfWest = new Judge(west.Target);
        await judge.CreateTopicAsync("chuck", Partitions, replicas: 1);
        await ProduceAsync(0);
        await ReadAllInGroupAsync(north.Target, 100);

        await using var mirror = JavaClient.StartTool(["connect-mirror-maker", await PropertiesAsync(north, west)], heap: "-Xmx512m");
        await ArrivedAsync(100);
        await Eventually.HoldsAsync(
            async () => (await judgeOfWest.CommittedAsync("readers", "north.chuck", Partitions)).All(offset => offset > 0), "the group has its place in the west", () => Task.FromResult(mirror.Errors), ClientAtWork.Patience);
        var (there, here) = (await judgeOfWest.CommittedAsync("readers", "north.chuck", Partitions), await judge.CommittedAsync("readers", "chuck", Partitions));
        Assert.All(there.Zip(here), pair => Assert.True(pair.First <= pair.Second, $"a place is never ahead: {pair}"));

        await north.KillAsync();
        await north.StartAsync();
        await ProduceAsync(100);
        await ArrivedAsync(200);

        Task ProduceAsync(int first) => Task.WhenAll(Enumerable.Range(0, Partitions).Select(partition =>
            judge.ProduceAsync("chuck", partition, Enumerable.Range(first, 100).Select(i => $"{partition}-{i.ToString(CultureInfo.InvariantCulture)}"))));

        async Task ArrivedAsync(int each)
        {
            var arrived = 0;
            await Eventually.HoldsAsync(
                async () => await judgeOfWest.ExistsAsync("north.chuck") && (arrived = await CountAsync()) == Partitions * each,
                $"{each} of each partition arrive in the west",
                () => Task.FromResult($"{arrived} are there; {mirror.Errors}"),
                ClientAtWork.Patience);
        }

        async Task<int> CountAsync() => (await judgeOfWest.ReadAllAsync("north.chuck", Partitions)).Select(record => record.Value).Distinct().Count();
    }

    private static async Task ReadAllInGroupAsync(ClientTarget target, int each)
    {
        await using var reader = new ConfluentClient().Join(target, "chuck", "readers");
        await Eventually.HoldsAsync(() => reader.DeliveredCount == Partitions * each, "a group reads it all");
        await reader.EndAsync();
    }

    private async Task<string> PropertiesAsync(PlaintextBroker north, PlaintextBroker west)
    {
        var file = Path.Combine(_folder.FullName, "mirror.properties");
        await File.WriteAllTextAsync(file, $"""
            clusters=north,west
            plugin.discovery=service_load
            north.bootstrap.servers={north.Target.Bootstrap}
            west.bootstrap.servers={west.Target.Bootstrap}
            north->west.enabled=true
            north->west.topics=chuck
            north->west.groups=readers
            west->north.enabled=false
            replication.factor=1
            checkpoints.topic.replication.factor=1
            heartbeats.topic.replication.factor=1
            offset-syncs.topic.replication.factor=1
            offset.storage.replication.factor=1
            status.storage.replication.factor=1
            config.storage.replication.factor=1
            sync.group.offsets.enabled=true
            sync.group.offsets.interval.seconds=1
            emit.checkpoints.interval.seconds=1
            refresh.topics.interval.seconds=1
            refresh.groups.interval.seconds=1
            north->west.offset.lag.max=0
            """);
        return file;
    }
}
