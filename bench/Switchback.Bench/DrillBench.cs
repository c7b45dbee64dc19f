using System.Diagnostics;
using System.Globalization;
using Switchback.Bench.Load;

namespace Switchback.Bench;

/// <summary>How long a whole drill takes, how much memory all of it holds, and how soon each embedded part, started alone, serves.</summary>
public static class DrillBench
{
    private const double DrillSeconds = 60;
    private const double MemoryMegabytes = 1500;
    private const double ReadySeconds = 0.5;

    /// <param name="program">The switchback binary.</param>
    /// <param name="rounds">Rounds of each start, and of the drill; at least 1.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <param name="cancellation">Ends the bench.</param>
    /// <exception cref="InvalidOperationException">A part did not start, or a drill did not hold: there is nothing to measure then.</exception>
    public static async Task<BenchReport> RunAsync(string program, int rounds, Action<string> progress, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("switchback-bench-");
        try
        {
            var parts = Parts(program, folder.FullName);
            var ready = parts.ToDictionary(part => part.Name, _ => new List<double>());
            var seconds = new List<double>();
            var memory = new List<double>();
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var part in parts)
                {
                    progress($"round {round} of {rounds}: {part.Name}");
                    ready[part.Name].Add(await ReadyAsync(part.Name, part.Command(), cancellation));
                }

                progress($"round {round} of {rounds}: drill");
                var (took, peak) = await DrillAsync(program, Path.Combine(folder.FullName, $"report-{round}"), cancellation);
                seconds.Add(took);
                memory.Add(peak);
            }

            return new BenchReport(
                "drill",
                Environment.ProcessorCount,
                rounds,
                [
                    BenchResult.AtMost("drill-duration", seconds, "s", DrillSeconds),
                    BenchResult.AtMost("drill-memory-pss", memory, "MB", MemoryMegabytes),
                    .. parts.Select(part => BenchResult.AtMost(part.Name, ready[part.Name], "s", ReadySeconds)),
                ]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<(string Name, Func<string[]> Command)> Parts(string program, string folder)
    {
        var count = 0;
        string Fresh() => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"data-{++count}"));
        var mirror = Path.Combine(folder, "mirror.yaml");
        File.WriteAllText(mirror, """
            clusters:
              north: { bootstrap.servers: "127.0.0.1:1" }
              west: { bootstrap.servers: "127.0.0.1:2" }
            links:
              - { name: north-west-clink, source: north, target: west, configs: { cluster.link.prefix: north- } }
            """);
        return
        [
            ("broker-ready", () => [program, "broker", "--listen", $"127.0.0.1:{ApacheKafka.FreePorts(1)}", "--data", Fresh()]),
            ("kubernetes-ready", () => [program, "kubernetes", "--data", Fresh()]),
            ("mirror-ready", () => [program, "mirror", "--config", mirror]),
        ];
    }

    private static async Task<double> ReadyAsync(string name, string[] command, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        await using var part = Launched.Start(command);
        return await part.LineAsync("ready: ", cancellation)
            ? Stopwatch.GetElapsedTime(began).TotalSeconds
            : throw new InvalidOperationException($"{name}: it ended before it was ready");
    }

    private static async Task<(double Seconds, double PeakMegabytes)> DrillAsync(string program, string report, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var began = Stopwatch.GetTimestamp();
        await using var drill = Launched.Start([program, "drill", "active-active", "--report", report]);
        var memory = new MemoryWatch(drill.Id);
        var watching = memory.RunAsync(stop.Token);
        var code = await drill.EndAsync(cancellation);
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        await watching;
        return code == 0 ? (took, memory.PeakMegabytes) : throw new InvalidOperationException($"the drill ended with exit code {code}: a verdict that does not hold is not timed");
    }
}
