using System.Globalization;
using Switchback.Drills.Running;

namespace Switchback.Drills.Campaigns;

/// <summary><c>switchback drill --repeat N</c>: one drill after the other, each with the next seed, until one does not hold.</summary>
public static class DrillCampaign
{
    /// <summary>Plays the drills; each writes its report to a folder of its own, named by its seed.</summary>
    /// <returns>Whether every bar of every drill held.</returns>
    /// <exception cref="DrillException">A drill could not run; the seed was printed before it.</exception>
    public static async Task<bool> RunAsync(DrillOptions options, int repeat, CancellationToken cancellation)
    {
        for (var number = 0; number < repeat; number++)
        {
            var seed = unchecked(options.Seed + number);
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"drill {number + 1} of {repeat}: --seed {seed}"));
            var drill = options with { Seed = seed, Report = Path.Combine(options.Report, string.Create(CultureInfo.InvariantCulture, $"seed-{seed}")) };
            if (!await Drill.RunAsync(drill, cancellation))
            {
                var again = options.RandomFaults ? " --random-faults" : "";
                await Console.Out.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"drill {number + 1} of {repeat} does not hold; the same again: switchback drill {options.Scenario}{again} --seed {seed}"));
                return false;
            }
        }

        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{repeat} drills, all of them hold"));
        return true;
    }
}
