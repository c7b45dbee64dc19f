namespace Switchback.Bench.Brokers;

/// <summary>
/// The embedded cluster against Apache Kafka, both up at once and measured in turns: throughput by Apache Kafka's perf tools, what a GB costs, latency at a
/// fixed pace, memory, starts, and a topic of many partitions.
/// </summary>
public static class BrokerBench
{
    /// <summary>The parts that can be asked for alone.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["start", "plaintext", "tls", "latency", "partitions"];

    /// <param name="program">The switchback binary.</param>
    /// <param name="rounds">Rounds of everything; at least 1.</param>
    /// <param name="only">Which of <see cref="Parts"/> to measure; all when there is none.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <param name="cancellation">Ends the bench.</param>
    /// <exception cref="InvalidOperationException">There is no Apache Kafka here, a broker did not start, or a record was not taken: there is nothing to measure then.</exception>
    public static async Task<BenchReport> RunAsync(string program, int rounds, IReadOnlyList<string> only, Action<string> progress, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("switchback-bench-");
        try
        {
            var figures = new Figures(progress);
            if (Wanted("start"))
            {
                await StartCase.RunAsync(program, folder.CreateSubdirectory("start").FullName, rounds, figures, progress, cancellation);
            }

            if (Wanted("plaintext") || Wanted("latency") || Wanted("partitions"))
            {
                await using var pair = await BrokerPair.StartAsync(program, folder.CreateSubdirectory("plaintext").FullName, secure: false, cancellation);
                List<(string Part, Func<MeasuredBroker, bool, int, Task> Run)> cases =
                [
                    ("plaintext", (broker, isOurs, _) => ThroughputCase.RunAsync(broker, pair.Tools(broker), "", isOurs, figures, cancellation)),
                    ("latency", (broker, isOurs, _) => LatencyCase.RunAsync(broker, isOurs, figures, cancellation)),
                    ("partitions", (broker, isOurs, _) => PartitionsCase.RunAsync(broker, pair.Tools(broker), isOurs, figures, cancellation)),
                ];
                await RoundsAsync(pair, cases.Where(item => Wanted(item.Part)));
                Memory(pair, "memory-under-load");
            }

            if (Wanted("tls"))
            {
                await using var pair = await BrokerPair.StartAsync(program, folder.CreateSubdirectory("tls").FullName, secure: true, cancellation);
                await RoundsAsync(pair, [("tls", (broker, isOurs, _) => ThroughputCase.RunAsync(broker, pair.Tools(broker), "-tls", isOurs, figures, cancellation))]);
                Memory(pair, "memory-under-load-tls");
            }

            return new BenchReport("broker", Environment.ProcessorCount, rounds, figures.Results);
            bool Wanted(string part) => only.Count == 0 || only.Contains(part);

            void Memory(BrokerPair pair, string name)
            {
                figures.Add(name, "MB", 2, Bar.Cost, isOurs: true, pair.Ours.PeakMegabytes);
                figures.Add(name, "MB", 2, Bar.Cost, isOurs: false, pair.Rival.PeakMegabytes);
            }

            async Task RoundsAsync(BrokerPair pair, IEnumerable<(string Part, Func<MeasuredBroker, bool, int, Task> Run)> cases)
            {
                for (var round = 1; round <= rounds; round++)
                {
                    foreach (var (part, run) in cases)
                    {
                        foreach (var (broker, isOurs) in pair.InTurn(round))
                        {
                            progress($"round {round} of {rounds}: {part}, {(isOurs ? "ours" : "Apache Kafka")}");
                            await run(broker, isOurs, round);
                        }
                    }
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
