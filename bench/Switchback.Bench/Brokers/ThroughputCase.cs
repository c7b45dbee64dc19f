using Switchback.Bench.Load;
using Switchback.Kafka.Client;

namespace Switchback.Bench.Brokers;

/// <summary>A topic filled as fast as it goes and read again, with records of 1 kB and of 100 B: MB/s, and the broker's processor time for each GB.</summary>
internal static class ThroughputCase
{
    private const int Partitions = 6;
    // Reading them takes seconds: a JVM that has just begun to compile what it runs says more of itself than of a broker.
    private static readonly (string Name, int Size, int Records, int Warmup)[] Sizes = [("1kB", 1000, 600_000, 100_000), ("100B", 100, 4_000_000, 500_000)];

    public static async Task RunAsync(MeasuredBroker broker, PerfTools tools, string suffix, bool isOurs, Figures figures, CancellationToken cancellation)
    {
        foreach (var (name, size, records, warmup) in Sizes)
        {
            var topic = $"load-{Guid.NewGuid():N}";
            await broker.Client.CreateTopicsAsync([new NewTopic(topic, Partitions, 1)], cancellation);
            await MeasureAsync("produce", () => tools.ProduceAsync(topic, records, warmup, size, cancellation));
            await MeasureAsync("consume", () => tools.ConsumeAsync(topic, records, cancellation));
            await broker.Client.DeleteTopicsAsync([topic], cancellation);

            async Task MeasureAsync(string what, Func<Task<double>> run)
            {
                var before = ProcessUsage.CpuSeconds(broker.Process);
                var speed = await run();
                var used = ProcessUsage.CpuSeconds(broker.Process) - before;
                figures.Add($"{what}-{name}{suffix}", "MB/s", 1, Bar.Throughput, isOurs, speed);
                figures.Add($"{what}-{name}{suffix}-cpu", "s/GB", 1, Bar.Cost, isOurs, used / (1e-9 * records * size));
            }
        }
    }
}
