using System.Diagnostics;
using Switchback.Kafka;
using Switchback.Kafka.Client;

namespace Switchback.Bench.Mirror;

/// <summary>What one copying of a preloaded topic took.</summary>
/// <param name="FirstRecordSeconds">From the start of the process to the first record on the target.</param>
/// <param name="MegabytesPerSecond">From there to the last one.</param>
/// <param name="MegabytesPerCpuSecond">Of user and system time of the process, over the same stretch.</param>
/// <param name="Megabytes">Its memory (PSS) at most.</param>
internal sealed record CopyRun(double FirstRecordSeconds, double MegabytesPerSecond, double MegabytesPerCpuSecond, double Megabytes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Starts a mirror and follows the target until everything is there.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not copy everything in time.</exception>
    public static async Task<CopyRun> MeasureAsync(
        IReadOnlyList<string> command, ClusterClient target, string topic, int partitions, long records, double megabytes, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var began = Stopwatch.GetTimestamp();
        await using var mirror = Launched.Start(command);
        var memory = new MemoryWatch(mirror.Id);
        var watching = memory.RunAsync(stop.Token);
        var (first, cpu) = (0L, 0.0);
        while (true)
        {
            var copied = await CountAsync(target, topic, partitions, cancellation);
            if (copied > partitions && first == 0)
            {
                (first, cpu) = (Stopwatch.GetTimestamp(), ProcessUsage.CpuSeconds(mirror.Id));
            }

            if (copied >= records)
            {
                break;
            }

            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new InvalidOperationException($"{copied} of {records} records were copied to {topic} within {Patience.TotalMinutes} minutes: {mirror.Errors}");
            }

            await Task.Delay(first == 0 ? 5 : 20, cancellation);
        }

        var seconds = Stopwatch.GetElapsedTime(first).TotalSeconds;
        var used = ProcessUsage.CpuSeconds(mirror.Id) - cpu;
        await stop.CancelAsync();
        await watching;
        return new CopyRun(Stopwatch.GetElapsedTime(began, first).TotalSeconds, megabytes / seconds, megabytes / Math.Max(0.01, used), memory.PeakMegabytes);
    }

    /// <summary>The sum of the partitions' ends: our mirror's own markers, one a partition, count as records.</summary>
    private static async Task<long> CountAsync(ClusterClient target, string topic, int partitions, CancellationToken cancellation)
    {
        try
        {
            if (!target.Metadata.Topics.ContainsKey(topic))
            {
                await target.RefreshMetadataAsync(null, cancellation);
                if (!target.Metadata.Topics.ContainsKey(topic))
                {
                    return 0;
                }
            }

            TopicPartition[] all = [.. Enumerable.Range(0, partitions).Select(i => new TopicPartition(topic, i))];
            var ends = await target.ListOffsetsAsync(all, OffsetPlace.Latest, IsolationLevel.ReadUncommitted, cancellation);
            return ends.Values.Sum(end => end.Offset);
        }
        catch (KafkaErrorException notYet) when (notYet.Error.IsRetriable())
        {
            return 0;
        }
    }
}
