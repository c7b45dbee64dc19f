using System.Globalization;
using Switchback.Drills.Campaigns;
using Switchback.Drills.Ledger;
using Switchback.Drills.Running.Faults;
using Switchback.Drills.Running.Platform;
using Switchback.Drills.Scenarios;

namespace Switchback.Drills.Running;

/// <summary>Plays the steps of a scenario's phases in the world that was brought up, and writes down what was done and when.</summary>
internal sealed class StepPlayer(DrillWorld world, DrillLoad load, FaultPlayer faults, CancellationToken cancellation)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>How long nothing may come to call the consumers quiet.</summary>
    private const double QuietMs = 2_000;

    private readonly List<OpenSwitch> switches = [];

    /// <summary>Plays all phases. The first one begins with the first request of the load.</summary>
    public async Task PlayAsync()
    {
        if (world.Scenario.TimedFaults.Count > 0)
        {
            FaultDraw.Describe(world.Scenario).ToList().ForEach(fault => Done(StepKind.Step, $"drawn: {fault}"));
        }

        foreach (var phase in world.Scenario.Phases)
        {
            world.Console.Phase(phase.Name);
            var started = world.Clock.NowMs;
            var timed = Task.WhenAll(world.Scenario.TimedFaults.Where(fault => fault.Phase == phase.Name).Select(PlayAsync));
            foreach (var step in phase.Steps)
            {
                await PlayAsync(step);
                if (timed.IsFaulted)
                {
                    break;
                }
            }

            await timed;
            world.Ledger.Write(new PhaseFact(phase.Name, started, world.Clock.NowMs));
        }

        CloseSwitch();
        if (world.Scenario.Disaster is { } disaster && !world.Scenario.Phases.SelectMany(phase => phase.Steps).OfType<RecoverStep>().Any(step => step.Target == disaster.Target))
        {
            await faults.ReadSurvivorsAsync();
        }
    }

    private async Task PlayAsync(TimedFault timed)
    {
        await Task.Delay(timed.After, cancellation);
        await faults.InflictAsync(timed.Fault);
        await Task.Delay(timed.Lasts, cancellation);
        await faults.RecoverAsync(new RecoverStep(timed.Fault.Kind, timed.Fault.Target));
    }

    private Task PlayAsync(Step step) => step switch
    {
        LoadStep { Start: true } => StartLoadAsync(),
        LoadStep => StopLoadAsync(),
        FaultStep fault => faults.InflictAsync(fault),
        RecoverStep recovery => faults.RecoverAsync(recovery),
        SwitchStep change => SwitchAsync(change),
        RunStep run => Task.Delay(run.Duration, cancellation),
        WaitStep wait => WaitAsync(wait),
        _ => throw new InvalidOperationException($"a step without a player: {step}"),
    };

    private async Task StartLoadAsync()
    {
        await load.StartAsync(cancellation);
        Done(StepKind.Step, $"load: {world.Scenario.Load.RatePerSecond:0.#} requests a second to each producer, POST {world.Scenario.Load.Path}", load.Command);
    }

    private async Task StopLoadAsync()
    {
        await load.StopAsync();
        Done(StepKind.Step, "load: ended");
    }

    private async Task SwitchAsync(SwitchStep step)
    {
        CloseSwitch();
        var changes = step.Switches.Select(name => world.Scenario.Switches[name]).ToList();
        switches.Add(new OpenSwitch(changes, step.To, world.Rollouts, world.Clients, world.Clock.NowMs));
        foreach (var change in changes)
        {
            var at = world.Clock.NowMs;
            foreach (var manifest in ManifestFolder.Read(change.Values[step.To]))
            {
                await world.Platform.Client.ApplyAsync(world.Placeholders.Fill(manifest), cancellation);
            }

            foreach (var client in change.Rolls)
            {
                world.ActiveCluster[client] = step.To;
            }

            var command = $"kubectl apply -f {Path.GetRelativePath(Environment.CurrentDirectory, change.Values[step.To])}";
            world.Console.Line($"{change.ConfigMap} now names {step.To}: {string.Join(" and ", change.Rolls)} have to roll");
            world.Console.Command(command);
            world.Ledger.Write(new StepFact(
                StepKind.Switch, $"ConfigMap {change.ConfigMap} changed to {step.To}", at, world.Clock.NowMs, command, step.To, change.Rolls));
        }
    }

    private async Task WaitAsync(WaitStep wait)
    {
        var started = world.Clock.NowMs;
        Func<Task<bool>> holds = wait.Condition switch
        {
            WaitCondition.Records => Records(wait.Records),
            WaitCondition.Rollouts => () => Task.FromResult(switches.TrueForAll(open => open.IsComplete(world.Clock.NowMs))),
            WaitCondition.Mirrors => () => world.Mirror.IsCaughtUpAsync(cancellation),
            WaitCondition.Consumers => Quiet(),
            _ => throw new InvalidOperationException($"a condition nobody waits for: {wait.Condition}"),
        };

        while (world.Clock.NowMs - started < wait.Within.TotalMilliseconds)
        {
            if (await holds())
            {
                Report($"{Title(wait)}, after {(world.Clock.NowMs - started) / 1000:0.0} s", good: true);
                return;
            }

            await world.ThrowIfBlindAsync();
            await Task.Delay(Poll, cancellation);
        }

        Report($"not within {wait.Within.TotalSeconds:0} s: {Title(wait)}", good: false);

        void Report(string text, bool good)
        {
            if (good)
            {
                world.Console.Good(text);
            }
            else
            {
                world.Console.Bad(text);
            }

            world.Ledger.Write(new StepFact(StepKind.Step, text, started, world.Clock.NowMs));
        }
    }

    /// <summary>So many more through every client than there were when the wait began.</summary>
    private Func<Task<bool>> Records(int more)
    {
        var before = world.Clients.Flows.Keys.ToDictionary(name => name, Progress);
        return () => Task.FromResult(before.All(client => Progress(client.Key) - client.Value >= more));
    }

    private Func<Task<bool>> Quiet()
    {
        var last = (Total: -1L, AtMs: 0.0);
        return () =>
        {
            var total = world.Clients.Flows.Values.Sum(flow => flow.Delivered + flow.Acknowledged);
            if (total != last.Total)
            {
                last = (total, world.Clock.NowMs);
            }

            return Task.FromResult(world.Clock.NowMs - last.AtMs >= QuietMs);
        };
    }

    private static string Title(WaitStep wait) => wait.Condition switch
    {
        WaitCondition.Records => string.Create(CultureInfo.InvariantCulture, $"{wait.Records} records through every client"),
        WaitCondition.Rollouts => "every workload of the change runs its new template, and nothing of the old is left",
        WaitCondition.Mirrors => "the mirrors have caught up",
        WaitCondition.Consumers => "the consumers have read all there is",
        _ => wait.Condition.ToString(),
    };

    private long Progress(string client)
    {
        var flow = world.Clients.Flows[client];
        return world.Scenario.Clients[client].IsProducer ? flow.Acknowledged : flow.Delivered;
    }

    private void CloseSwitch()
    {
        foreach (var fact in switches.SelectMany(open => open.Facts()))
        {
            world.Ledger.Write(fact);
        }

        switches.Clear();
    }

    private void Done(StepKind kind, string title, string? command = null)
    {
        world.Console.Line(title);
        if (command is not null)
        {
            world.Console.Command(command);
        }

        world.Ledger.Write(new StepFact(kind, title, world.Clock.NowMs, world.Clock.NowMs, command));
    }
}
