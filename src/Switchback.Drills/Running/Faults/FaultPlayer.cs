using Switchback.Drills.Ledger;
using Switchback.Drills.Running.Clusters;
using Switchback.Drills.Running.Platform;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Running.Faults;

/// <summary>Does to the parts of a drill what its scenario says, undoes it, and writes down both.</summary>
internal sealed class FaultPlayer(DrillWorld world, CancellationToken cancellation)
{
    /// <summary>How long nothing may come from stopped applications to say that all they wrote has been read.</summary>
    private const double DrainedMs = 500;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<string, IReadOnlyList<Freezer>> frozen = new(StringComparer.Ordinal);
    private readonly HashSet<string> faulty = new(StringComparer.Ordinal);

    private string? Lost => world.Scenario.Disaster?.Target;

    public async Task InflictAsync(FaultStep fault)
    {
        lock (faulty)
        {
            faulty.Add(fault.Target);
        }

        var at = world.Clock.NowMs;
        var (title, command) = await DoAsync(fault);
        world.Console.Bad(title);
        world.Ledger.Write(new StepFact(StepKind.Fault, title, at, world.Clock.NowMs, command, ClusterOf(fault.Target)));
    }

    public async Task RecoverAsync(RecoverStep step)
    {
        if (step.Target == Lost)
        {
            await ReadSurvivorsAsync();
        }

        var at = world.Clock.NowMs;
        var title = await UndoAsync(step);
        lock (faulty)
        {
            faulty.Remove(step.Target);
        }

        world.Console.Line(title);
        world.Ledger.Write(new StepFact(StepKind.Recovery, title, at, world.Clock.NowMs, null, ClusterOf(step.Target)));
    }

    /// <summary>
    /// Reads the surviving clusters once, before the lost one is back: in a moment the mirror brings the rest, and the recovery point is what they hold now.
    /// </summary>
    public async Task ReadSurvivorsAsync()
    {
        List<DrillCluster> survivors;
        lock (faulty)
        {
            survivors = [.. world.Clusters.Values.Where(cluster => !faulty.Contains(cluster.Name))];
        }

        foreach (var survivor in survivors)
        {
            var read = await ClusterSnapshot.TakeAsync(world, survivor, SnapshotMoment.Disaster, cancellation);
            world.Console.Line($"{survivor.Name} read whole while {Lost} is gone: {read.Records} records");
        }
    }

    private string? ClusterOf(string target) => world.Clusters.ContainsKey(target) ? target : null;

    private async Task<(string Title, string? Command)> DoAsync(FaultStep fault)
    {
        var target = fault.Target;
        switch (fault.Kind)
        {
            case FaultKind.Crash when target == FaultNames.Mirror:
                await world.Mirror.CrashAsync();
                return ("kill -9 of the mirror", null);
            case FaultKind.Crash when target == FaultNames.Platform:
                await CrashPlatformAsync();
                return ("kill -9 of the platform and every pod on it", null);
            case FaultKind.Crash:
                await world.Clusters[target].CrashAsync();
                return ($"kill -9 of the whole {target} cluster", null);
            case FaultKind.Freeze:
                frozen[target] = [.. ProcessesOf(target).Select(Freezer.Freeze)];
                return ($"{Named(target)} stands still (SIGSTOP)", $"kill -STOP {string.Join(' ', ProcessesOf(target))}");
            case FaultKind.Cut:
                world.Relays[target].Cut(fault.Cut!);
                return ($"{target}: {fault.Cut}", null);
            case FaultKind.DiskFull:
                ProcessesOf(target).ToList().ForEach(FileSizeLimit.Forbid);
                return ($"{target}'s disk is full: no file can grow", string.Join("; ", ProcessesOf(target).Select(process => $"prlimit --fsize=0: --pid {process}")));
            case FaultKind.PowerLoss:
                await world.Clusters[target].CrashAsync();
                return ($"the whole {target} cluster loses power: kill -9, and what was not forced to disk is gone", null);
            case FaultKind.Destroyed:
                await world.Clusters[target].DestroyAsync();
                return ($"the whole {target} cluster is destroyed: kill -9, and its data is gone", null);
            default:
                throw new InvalidOperationException($"a fault without a player: {fault}");
        }
    }

    private async Task<string> UndoAsync(RecoverStep step)
    {
        var target = step.Target;
        switch (step.From)
        {
            case FaultKind.Crash when target == FaultNames.Mirror:
                await world.Mirror.StartAsync(cancellation);
                return "the mirror is started again";
            case FaultKind.Crash when target == FaultNames.Platform:
                await Platform.RestartAsync(cancellation);
                return "the platform is back with all its pods";
            case FaultKind.Freeze:
                await Task.WhenAll(frozen[target].Select(process => process.ThawAsync()));
                return $"{Named(target)} goes on (SIGCONT)";
            case FaultKind.Cut:
                world.Relays[target].Heal();
                return $"{target}: the network is whole again";
            case FaultKind.DiskFull:
                ProcessesOf(target).ToList().ForEach(FileSizeLimit.Allow);
                return $"{target}'s disk has room again";
            case FaultKind.PowerLoss:
                await world.Clusters[target].StartAfterPowerLossAsync(cancellation);
                return $"{target} is back with what was forced to its disk";
            case FaultKind.Destroyed:
                await world.Clusters[target].StartAsync(cancellation);
                await TopicSetup.CreateAsync(world.Scenario, [world.Clusters[target]], cancellation);
                return $"{target} is there again, empty";
            default:
                await world.Clusters[target].StartAsync(cancellation);
                return $"{target} is back on its own disk";
        }
    }

    /// <exception cref="DrillException">There is none: it has ended by itself.</exception>
    private IReadOnlyList<int> ProcessesOf(string target)
    {
        IReadOnlyList<int> processes = target switch
        {
            FaultNames.Mirror => world.Mirror.ProcessId is { } process ? [process] : [],
            FaultNames.Platform => [Platform.ProcessId],
            _ => world.Clusters[target].Processes,
        };
        return processes.Count > 0 ? processes : throw new DrillException($"{Named(target)} has ended by itself; its log is in {world.Folder.Logs}");
    }

    private EmbeddedPlatform Platform => (EmbeddedPlatform)world.Platform;

    private static string Named(string target) => target is FaultNames.Mirror or FaultNames.Platform ? $"the {target}" : $"the whole {target} cluster";

    /// <summary>
    /// Everything on the clients' machine dies at one moment. What the applications had written by then would die with the platform's pipes, and be missing
    /// from the ledger: they are stopped first, then what they wrote is read, then all of it is killed.
    /// </summary>
    private async Task CrashPlatformAsync()
    {
        var pods = ProcessTree.Below(Platform.ProcessId);
        Freezer.StopAll(pods);
        var last = (Total: -1L, AtMs: world.Clock.NowMs);
        while (world.Clock.NowMs - last.AtMs < DrainedMs)
        {
            var total = world.Clients.Flows.Values.Sum(flow => flow.Sent + flow.Acknowledged + flow.Delivered);
            last = total == last.Total ? last : (total, world.Clock.NowMs);
            await Task.Delay(Poll, cancellation);
        }

        world.Clients.FollowsAgain = true;

        // The platform first, or it would note how its pods end; its output ends only when theirs does.
        Freezer.KillAll([Platform.ProcessId, .. pods]);
        await Platform.CrashAsync();
    }
}
