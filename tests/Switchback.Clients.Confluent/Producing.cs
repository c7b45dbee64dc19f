using Confluent.Kafka;

namespace Switchback.Clients.Confluent;

internal static class Producing
{
    /// <summary>Writes what comes on standard input, and tells of each record when it is kept.</summary>
    public static void Run(string topic, string codec)
    {
        var settings = new ProducerConfig { EnableIdempotence = true, LingerMs = 5, CompressionType = Enum.Parse<CompressionType>(codec, ignoreCase: true) };
        using var producer = new ProducerBuilder<Null, string>(Given.To(settings)).SetLogHandler(Given.Ignore).Build();
        Given.Tell("ready");
        while (Console.In.ReadLine() is { } value)
        {
            producer.Produce(topic, new Message<Null, string> { Value = value }, report =>
            {
                if (report.Error.IsError)
                {
                    Given.Complain(report.Error);
                }
                else
                {
                    Given.Tell("ack", value);
                }
            });
        }

        if (producer.Flush(Given.Patience) is > 0 and var left)
        {
            throw new TimeoutException($"{left} records were not written within {Given.Patience.TotalSeconds} s");
        }
    }

    /// <summary>Four transactions on partition 0, of which it aborts two, and the other two commit a group's offset.</summary>
    public static void Transact(string topic, string id, string group)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(Given.To(new ConsumerConfig { GroupId = group })).SetLogHandler(Given.Ignore).Build();
        using var producer = new ProducerBuilder<Null, string>(Given.To(new ProducerConfig { TransactionalId = id })).SetLogHandler(Given.Ignore).Build();
        producer.InitTransactions(Given.Patience);
        foreach (var (name, offset) in new[] { ("a", -1), ("b", 3), ("c", -1), ("d", 7) })
        {
            List<string> values = [.. Enumerable.Range(0, 10).Select(i => $"{name}{i}")];
            producer.BeginTransaction();
            values.ForEach(value => producer.Produce(new TopicPartition(topic, 0), new Message<Null, string> { Value = value }));
            if (offset < 0)
            {
                producer.Flush(Given.Patience);
                producer.AbortTransaction(Given.Patience);
                continue;
            }

            producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, offset)], consumer.ConsumerGroupMetadata, Given.Patience);
            producer.CommitTransaction(Given.Patience);
            values.ForEach(value => Given.Tell("ack", value));
        }
    }
}
