using Switchback.Bench.Load;
using Switchback.Kafka.Client;

namespace Switchback.Bench.Brokers;

/// <summary>A topic of 1,000 partitions, filled by one producer: its speed, and of ours not a record fewer in the log than the producer sent.</summary>
internal static class PartitionsCase
{
    private const int Partitions = 1000;
    private const int Records = 200_000;
    private const int RecordSize = 1000;

    public static async Task RunAsync(MeasuredBroker broker, PerfTools tools, bool isOurs, Figures figures, CancellationToken cancellation)
    {
        var topic = $"wide-{Guid.NewGuid():N}";
        await broker.Client.CreateTopicsAsync([new NewTopic(topic, Partitions, 1)], cancellation);
        figures.Add("produce-1000-partitions", "MB/s", 1, Bar.Throughput, isOurs, await tools.ProduceAsync(topic, Records, Records / 3, RecordSize, cancellation));
        var ends = await broker.Client.ListOffsetsAsync(
            [.. Enumerable.Range(0, Partitions).Select(partition => new TopicPartition(topic, partition))], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, cancellation);
        var found = ends.Values.Sum(end => end.Offset);

        // A record that a busy rival let expire is no error of the bench; one that we lose is.
        if (isOurs && found != Records)
        {
            throw new InvalidOperationException($"{Records} records were acknowledged on {Partitions} partitions, and the logs end after {found}");
        }

        await broker.Client.DeleteTopicsAsync([topic], cancellation);
    }
}
