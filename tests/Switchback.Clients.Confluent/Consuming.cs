using Confluent.Kafka;

namespace Switchback.Clients.Confluent;

internal static class Consuming
{
    /// <summary>A member of a group, from the beginning where nothing is committed, until its input ends.</summary>
    public static async Task RunAsync(string topic, string group, bool newProtocol)
    {
        var settings = new ConsumerConfig { GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, AutoCommitIntervalMs = 200 };
        if (newProtocol)
        {
            settings.GroupProtocol = GroupProtocol.Consumer;
        }
        else
        {
            (settings.PartitionAssignmentStrategy, settings.SessionTimeoutMs) = (PartitionAssignmentStrategy.CooperativeSticky, 10_000);
        }

        var assigned = new SortedSet<int>();
        using var consumer = new ConsumerBuilder<Ignore, string>(Given.To(settings))
            .SetLogHandler(Given.Ignore)
            .SetErrorHandler((_, error) => Given.Complain(error))
            .SetPartitionsAssignedHandler((_, partitions) => Assigned(() => assigned.UnionWith(partitions.Select(p => p.Partition.Value))))
            .SetPartitionsRevokedHandler((_, partitions) => Assigned(() => assigned.ExceptWith(partitions.Select(p => p.Partition.Value))))
            .SetPartitionsLostHandler((_, partitions) => Assigned(() => assigned.ExceptWith(partitions.Select(p => p.Partition.Value))))
            .Build();
        consumer.Subscribe(topic);
        using var stop = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(() => Read(consumer, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(reading, Console.In.ReadToEndAsync(CancellationToken.None));
        await stop.CancelAsync();
        await reading;

        void Assigned(Action change)
        {
            change();
            Given.Tell("assigned", string.Join(',', assigned));
        }
    }

    /// <summary>Goes to an offset of a partition, and reads from there.</summary>
    public static void Read(string topic, int partition, int offset, int count)
    {
        // From the beginning first, so that going to the offset is a seek and not a start.
        using var consumer = new ConsumerBuilder<Ignore, string>(Given.To(new ConsumerConfig { GroupId = "reader", EnableAutoCommit = false })).SetLogHandler(Given.Ignore).Build();
        consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
        Next();
        consumer.Seek(new TopicPartitionOffset(topic, partition, offset));
        for (var i = 0; i < count; i++)
        {
            Got(Next());
        }

        ConsumeResult<Ignore, string> Next() => consumer.Consume(Given.Patience) ?? throw new TimeoutException($"nothing came within {Given.Patience.TotalSeconds} s");
    }

    private static void Read(IConsumer<Ignore, string> consumer, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
                {
                    Got(record);
                }
            }
            catch (ConsumeException failure)
            {
                Given.Complain(failure.Error);
            }
        }

        consumer.Close();
    }

    private static void Got(ConsumeResult<Ignore, string> record) => Given.Tell("got", record.Partition.Value, record.Offset.Value, record.Message.Value);
}
