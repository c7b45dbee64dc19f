using System.Buffers.Binary;
using System.Diagnostics;
using Switchback.Bench.Load;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Bench.Mirror;

/// <summary>
/// Produces at a fixed pace whatever the answers do, each record with the moment it was due; and reads topics, to tell how long each record was under way.
/// </summary>
internal static class SteadyLoad
{
    private const int RecordBytes = 1000;
    private const int RequestsPerSecond = 500;

    /// <summary>Produces to the first partitions of a topic.</summary>
    /// <param name="client">The cluster; one broker leads all partitions.</param>
    /// <param name="topic">An existing topic.</param>
    /// <param name="partitions">How many of its partitions get records.</param>
    /// <param name="megabytesPerSecond">Of values.</param>
    /// <param name="duration">How long.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task ProduceAsync(ClusterClient client, string topic, int partitions, double megabytesPerSecond, TimeSpan duration, CancellationToken cancellation)
    {
        await client.RefreshMetadataAsync([topic], cancellation);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(new TopicPartition(topic, 0), cancellation), cancellation);
        var version = connection.NegotiatedVersion(ProduceRequest.ApiKey);
        var id = await client.GetTopicIdAsync(topic, cancellation);
        var value = new byte[RecordBytes];
        Random.Shared.NextBytes(value);
        var (began, owed, turn) = (Stopwatch.GetTimestamp(), 0.0, 0);
        var answers = new List<Task>();
        for (var tick = 0; tick < duration.TotalSeconds * RequestsPerSecond; tick++)
        {
            var due = began + (long)(tick * (double)Stopwatch.Frequency / RequestsPerSecond);
            if ((due - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency is > 0 and var early)
            {
                await Task.Delay((int)early, cancellation);
            }

            BinaryPrimitives.WriteInt64BigEndian(value, due);
            owed += megabytesPerSecond * 1e6 / RecordBytes / RequestsPerSecond;
            var builders = new Dictionary<int, RecordBatchBuilder>();
            for (; owed >= 1; owed--, turn++)
            {
                if (!builders.TryGetValue(turn % partitions, out var builder))
                {
                    builders[turn % partitions] = builder = new RecordBatchBuilder();
                }

                builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, value);
            }

            var data = new ProduceRequest.TopicProduceData { Name = topic, TopicId = version >= 13 ? id : Guid.Empty };
            foreach (var (partition, builder) in builders)
            {
                data.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = builder.Build() });
                builder.Dispose();
            }

            answers.Add(connection.SendAsync(new ProduceRequest { Acks = 1, TimeoutMs = 30_000, TopicData = [data] }, version, cancellation));
            answers.RemoveAll(answer => answer.IsCompletedSuccessfully);
        }

        await Task.WhenAll(answers);
    }

    /// <summary>Reads a topic from its end until cancelled; answers how long its records were under way, in ms, without those of the first two seconds.</summary>
    public static async Task<Latencies> ReadAsync(ClusterClient client, string topic, int partitions, TaskCompletionSource ready, CancellationToken stop)
    {
        var positions = new Dictionary<int, long>();
        var times = new List<double>();
        try
        {
            await client.WaitForLeadersAsync([topic], stop);
            TopicPartition[] all = [.. Enumerable.Range(0, partitions).Select(i => new TopicPartition(topic, i))];
            foreach (var (partition, end) in await client.ListOffsetsAsync(all, OffsetPlace.Latest, IsolationLevel.ReadUncommitted, stop))
            {
                positions[partition.Partition] = end.Offset;
            }

            var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(all[0], stop), stop);
            var version = connection.NegotiatedVersion(FetchRequest.ApiKey);
            var id = await client.GetTopicIdAsync(topic, stop);
            ready.TrySetResult();
            var first = 0L;
            while (true)
            {
                // In pooled memory: a reader that makes the collector work would be measured with the mirror.
                var (response, buffer) = await connection.SendPooledAsync(Fetch(topic, version >= 13 ? id : Guid.Empty, positions), version, stop);
                var now = Stopwatch.GetTimestamp();
                foreach (var data in response.Responses.SelectMany(answered => answered.Partitions))
                {
                    foreach (var batch in RecordBatchReader.ReadBatches(data.Records ?? default))
                    {
                        positions[data.PartitionIndex] = batch.Header.NextOffset;
                        if (batch.Header.IsControl)
                        {
                            continue;
                        }

                        first = first == 0 ? now : first;
                        if (now - first > 2 * Stopwatch.Frequency)
                        {
                            // All records of a batch were due at once, and reading each of them would be most of the work.
                            var due = BinaryPrimitives.ReadInt64BigEndian(batch.ReadRecords().First().Value.GetValueOrDefault().Span);
                            times.Add((now - due) * 1000.0 / Stopwatch.Frequency);
                        }
                    }
                }

                buffer.Release();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return times.Count > 0 ? new Latencies([.. times]) : throw new InvalidOperationException($"nothing arrived in {topic}");
        }
    }

    private static FetchRequest Fetch(string topic, Guid id, Dictionary<int, long> positions) => new()
    {
        MaxWaitMs = 500,
        MinBytes = 1,
        MaxBytes = 4 << 20,
        Topics =
        [
            new()
            {
                Topic = topic,
                TopicId = id,
                Partitions = [.. positions.Select(place => new FetchRequest.FetchPartition { Partition = place.Key, FetchOffset = place.Value, PartitionMaxBytes = 1 << 20 })],
            },
        ],
    };
}
