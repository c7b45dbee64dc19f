using Switchback.Mirror.Tests.Clusters;
using Switchback.Mirror.Tests.Copying;

namespace Switchback.Mirror.Tests.Campaign;

/// <summary>A mirror under load, both ways, whose parts fail one after the other; and what must hold all the while.</summary>
internal sealed class MirrorCampaign : IAsyncDisposable
{
    private const int RoundsBetweenLooks = 20;

    private readonly ClusterPair _pair;
    private readonly Action<string> _note;
    private readonly int _seed;
    private readonly Random _random;
    private readonly string _topic = "c" + Guid.NewGuid().ToString("N")[..12];
    private readonly CampaignSide _north;
    private readonly CampaignSide _west;
    private MirrorChild _mirror = null!;
    private MirrorChild? _twin;

    public MirrorCampaign(ClusterPair pair, int seed, Action<string> note)
    {
        (_pair, _seed, _note) = (pair, seed, note);
        _random = new Random(seed);
        _north = new CampaignSide(pair.North, "north", _topic, 0);
        _west = new CampaignSide(pair.West, "west", _topic, 1);
    }

    public async Task RunAsync(int rounds)
    {
        await _north.CreateAsync();
        await _west.CreateAsync();
        _mirror = await MirrorChild.StartAsync(_pair, _topic, groups: true);
        await _mirror.ReachesAsync(status => status.PartitionDetails.Count == CampaignSide.Partitions, "copies");
        var faults = Enumerable.Repeat(Enum.GetValues<Fault>(), (rounds / 8) + 1).SelectMany(all => Shuffle(all)).Take(rounds).ToList();
        for (var round = 0; round < rounds; round++)
        {
            try
            {
                await PlayAsync(faults[round]);
                if (round % RoundsBetweenLooks == RoundsBetweenLooks - 1 || round == rounds - 1)
                    await LookAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {_seed}, round {round} of {rounds}, {faults[round]}: {e.Message}", e);
            }
        }

        _note($"seed {_seed}: {rounds} rounds, {_north.Produced} records from north, {_west.Produced} from west");
    }

    public async ValueTask DisposeAsync()
    {
        _pair.North.Restore();
        _pair.West.Restore();
        await _north.DisposeAsync();
        await _west.DisposeAsync();
        if (_twin is not null)
            await _twin.DisposeAsync();
        if (_mirror is not null)
            await _mirror.DisposeAsync();
    }

    private Fault[] Shuffle(Fault[] faults)
    {
        var shuffled = (Fault[])faults.Clone();
        _random.Shuffle(shuffled);
        return shuffled;
    }

    private async Task PlayAsync(Fault fault)
    {
        _north.StartLoad();
        _west.StartLoad();
        await Task.Delay(_random.Next(20, 400));
        switch (fault)
        {
            case Fault.MirrorKilled:
                await _mirror.KillAsync();
                await _mirror.StartAgainAsync();
                break;
            case Fault.NorthKilled:
                await KillAsync(_pair.North);
                break;
            case Fault.WestKilled:
                await KillAsync(_pair.West);
                break;
            case Fault.NorthCut:
                await CutAsync(_pair.North);
                break;
            case Fault.WestCut:
                await CutAsync(_pair.West);
                break;
            case Fault.NorthFrozen:
                await FreezeAsync(_pair.North);
                break;
            case Fault.WestFrozen:
                await FreezeAsync(_pair.West);
                break;
            case Fault.Zombie:
                await WakeZombieAsync();
                break;
        }

        var (north, west) = (await TargetEndAsync("north"), await TargetEndAsync("west"));
        await Eventually.HoldsAsync(async () => await TargetEndAsync("north") > north && await TargetEndAsync("west") > west, "both links copy on", () => _mirror.GetAsync("status"));
        await _north.StopLoadAsync();
        await _west.StopLoadAsync();
        await _north.AbortTransactionAsync();
        await _north.CommitPlacesAsync(_random);
        await _west.CommitPlacesAsync(_random);
    }

    private async Task KillAsync(ITestCluster cluster)
    {
        await cluster.KillAsync();
        await Task.Delay(_random.Next(0, 300));
        await cluster.StartAsync();
    }

    private async Task CutAsync(ITestCluster cluster)
    {
        cluster.Cut();
        await Task.Delay(_random.Next(0, 600));
        cluster.Restore();
    }

    private async Task FreezeAsync(ITestCluster cluster)
    {
        cluster.Freeze();
        await Task.Delay(_random.Next(50, 1000));
        if (_random.Next(2) == 0)
            cluster.Cut();
        cluster.Restore();
    }

    /// <summary>A zombie that was taking over just then may win a link back; on each link one of the two must end up fenced, and the other copies.</summary>
    private async Task WakeZombieAsync()
    {
        _mirror.Stop();
        _twin = await _mirror.StartTwinAsync();
        await _twin.ReachesAsync(status => status.State == "copying", "the second mirror copies");
        _mirror.Continue();
        foreach (var source in new[] { "north", "west" })
        {
            await Eventually.HoldsAsync(
                async () => ((await _mirror.StatusAsync(source)).State, (await _twin.StatusAsync(source)).State) is ("fenced", "copying") or ("copying", "fenced"),
                $"one of two mirrors is fenced on the link from {source}", async () => await _mirror.GetAsync("status") + await _twin.GetAsync("status"));
        }

        await _twin.DisposeAsync();
        _twin = null;
        await _mirror.KillAsync();
        await _mirror.StartAgainAsync();
    }

    private async Task<long> TargetEndAsync(string source) => (await _mirror.StatusAsync(source)).PartitionDetails.Sum(p => p.TargetOffset);

    /// <summary>Everything is compared, record by record, and every group's place.</summary>
    private async Task LookAsync()
    {
        await _mirror.ReachesAsync(status => status.PartitionDetails.Count == CampaignSide.Partitions, "all partitions");
        await _mirror.CaughtUpAsync();
        await _north.AssertCopiedAsync(_west);
        await _west.AssertCopiedAsync(_north);
    }
}
