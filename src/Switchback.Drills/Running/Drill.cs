using Switchback.Drills.Campaigns;
using Switchback.Drills.Ledger;
using Switchback.Drills.Reports;
using Switchback.Drills.Running.Faults;
using Switchback.Drills.Scenarios;
using Switchback.Drills.Verdicts;

namespace Switchback.Drills.Running;

/// <summary><c>switchback drill</c>: plays a whole scenario, and answers with a verdict.</summary>
public static class Drill
{
    /// <summary>Plays the scenario and writes <c>verdict.json</c>, <c>report.html</c> and <c>ledger/</c> to the report folder.</summary>
    /// <returns>Whether every bar holds.</returns>
    /// <exception cref="ScenarioException">The scenario file is wrong; nothing was started.</exception>
    /// <exception cref="DrillException">A part is missing or did not start; everything was ended again.</exception>
    public static async Task<bool> RunAsync(DrillOptions options, CancellationToken cancellation)
    {
        var scenario = ScenarioFile.Load(FindScenario(options), BarProblem);
        if (options.RandomFaults)
        {
            scenario = FaultDraw.Draw(scenario, options.Seed);
        }

        PrepareReport(options);
        await using var world = await new Preparation(scenario, options, cancellation).BringUpAsync();
        await using (var load = new DrillLoad(world))
        {
            await new StepPlayer(world, load, new FaultPlayer(world, cancellation), cancellation).PlayAsync();
        }

        world.Console.Phase("verdict");
        foreach (var cluster in world.Clusters.Values)
        {
            if (scenario.LeavesDestroyed(cluster.Name))
            {
                world.Ledger.Write(new SnapshotFact(cluster.Name, SnapshotMoment.Settled, world.Clock.NowMs, world.Clock.NowMs, 0, Destroyed: true));
                world.Console.Line($"{cluster.Name} holds nothing: it was destroyed");
                continue;
            }

            var read = await ClusterSnapshot.TakeAsync(world, cluster, SnapshotMoment.Settled, cancellation);
            world.Console.Line($"{cluster.Name} read whole: {read.Records} records");
        }

        await world.StopObservingAsync();
        world.Ledger.Flush();
        var verdict = DrillReport.Write(options.Report);
        VerdictPrinter.Print(verdict, options.Report, world.Console.Output);
        if (options.Keep)
        {
            await KeptWorld.StayAsync(world, cancellation);
        }

        return verdict.Holds;
    }

    private static string? BarProblem(string bar) => Bars.Parse(bar).Error;

    private static string FindScenario(DrillOptions options)
    {
        if (File.Exists(options.Scenario))
        {
            return options.Scenario;
        }

        foreach (var folder in options.ScenarioFolders)
        {
            var path = Path.Combine(folder, options.Scenario + ".yaml");
            if (File.Exists(path))
            {
                return path;
            }
        }

        var known = options.ScenarioFolders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml")).Select(Path.GetFileNameWithoutExtension).Distinct();
        throw new DrillException($"no scenario and no file is called {options.Scenario}; {string.Join(", ", known)} would be right");
    }

    private static void PrepareReport(DrillOptions options)
    {
        try
        {
            Directory.CreateDirectory(options.Report);
            var probe = Path.Combine(options.Report, ".writable");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DrillException($"cannot write the report to {options.Report}: {error.Message}");
        }
    }
}
