using Confluent.Kafka;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Clients;

/// <summary>Confluent.Kafka, in this process.</summary>
internal sealed class ConfluentClient : ForeignClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public override string Name => "Confluent.Kafka";

    public override IReadOnlyList<string> Codecs => ["none", "gzip", "snappy", "lz4", "zstd"];

    public override bool CommitsOffsetsInTransactions => true;

    public override bool IsIdempotent => true;

    public override bool HasNewGroups => true;

    public override Task<string?> WhyMissingAsync() => Task.FromResult<string?>(null);

    public override Task<ClientSession> ProduceAsync(ClientTarget target, string topic, string codec = "none") => Task.FromResult<ClientSession>(new Producer(target, topic, codec));

    public override ClientSession Join(ClientTarget target, string topic, string group, bool newProtocol = false) => new Member(target, topic, group, newProtocol);

    public override Task<IReadOnlyList<Delivered>> ReadAsync(ClientTarget target, string topic, int partition, long offset, int count) => Task.Run<IReadOnlyList<Delivered>>(() =>
    {
        // From the beginning first, so that going to the offset is a seek and not a start.
        using var consumer = new ConsumerBuilder<Ignore, string>(Settings(target, new ConsumerConfig { GroupId = "reader", EnableAutoCommit = false })).Build();
        consumer.Assign(new TopicPartitionOffset(topic, partition, Offset.Beginning));
        Assert.NotNull(consumer.Consume(Patience));
        consumer.Seek(new TopicPartitionOffset(topic, partition, offset));
        return [.. Enumerable.Range(0, count).Select(_ => consumer.Consume(Patience)).Select(record => new Delivered(record.Partition, record.Offset, record.Message.Value))];
    });

    public override Task<IReadOnlyList<string>> TransactAsync(ClientTarget target, Judge judge, string topic, string group) => Task.Run<IReadOnlyList<string>>(() =>
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(Settings(target, new ConsumerConfig { GroupId = group })).Build();
        using var producer = new ProducerBuilder<Null, string>(Settings(target, new ProducerConfig { TransactionalId = $"tx-{topic}" })).Build();
        producer.InitTransactions(Patience);
        List<string> committed = [];
        foreach (var (name, offset) in new[] { ("a", -1), ("b", 3), ("c", -1), ("d", 7) })
        {
            var values = Enumerable.Range(0, 10).Select(i => $"{name}{i}").ToList();
            producer.BeginTransaction();
            values.ForEach(value => producer.Produce(new TopicPartition(topic, 0), new Message<Null, string> { Value = value }));
            if (offset < 0)
            {
                producer.Flush(Patience);
                producer.AbortTransaction(Patience);
                continue;
            }

            producer.SendOffsetsToTransaction([new TopicPartitionOffset(topic, 0, offset)], consumer.ConsumerGroupMetadata, Patience);
            producer.CommitTransaction(Patience);
            committed.AddRange(values);
        }

        return committed;
    });

    /// <summary>Adds the target's address and what opens its door.</summary>
    public static T Settings<T>(ClientTarget target, T settings) where T : ClientConfig
    {
        settings.BootstrapServers = target.Bootstrap;
        settings.ReconnectBackoffMaxMs = 500;
        if (target.Login is { } login)
        {
            settings.SecurityProtocol = SecurityProtocol.SaslSsl;
            settings.SaslMechanism = SaslMechanism.ScramSha512;
            (settings.SaslUsername, settings.SaslPassword, settings.SslCaLocation) = (login.User, login.Password, login.CaFile);
        }

        return settings;
    }

    private static void Ignore<T>(T client, LogMessage message)
    {
    }

    private sealed class Producer : ClientSession
    {
        private readonly IProducer<Confluent.Kafka.Null, string> _producer;
        private readonly string _topic;
        private string _failure = "";

        public Producer(ClientTarget target, string topic, string codec)
        {
            _topic = topic;
            var settings = new ProducerConfig { EnableIdempotence = true, LingerMs = 5, CompressionType = Enum.Parse<CompressionType>(codec, ignoreCase: true) };
            _producer = new ProducerBuilder<Null, string>(Settings(target, settings)).SetLogHandler(ConfluentClient.Ignore).Build();
        }

        public override string Complaints => $"Confluent.Kafka's producer: {_failure}";

        public override Task SendAsync(string value)
        {
            _producer.Produce(_topic, new Message<Null, string> { Value = value }, report =>
            {
                if (report.Error.IsError)
                    _failure = report.Error.ToString();
                else
                    Acknowledge(value);
            });
            return Task.CompletedTask;
        }

        public override Task EndAsync() => Task.Run(() => Assert.True(_producer.Flush(Patience) == 0, $"not flushed; {Complaints}"));

        public override ValueTask DisposeAsync()
        {
            _producer.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Member : ClientSession
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _reading;
        private string _failure = "";

        public Member(ClientTarget target, string topic, string group, bool newProtocol)
        {
            var settings = new ConsumerConfig { GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, AutoCommitIntervalMs = 200 };
            if (newProtocol)
                settings.GroupProtocol = GroupProtocol.Consumer;
            else
                (settings.PartitionAssignmentStrategy, settings.SessionTimeoutMs) = (PartitionAssignmentStrategy.CooperativeSticky, 10_000);
            var consumer = new ConsumerBuilder<Ignore, string>(Settings(target, settings))
                .SetLogHandler(ConfluentClient.Ignore)
                .SetErrorHandler((_, error) => _failure = error.ToString())
                .SetPartitionsAssignedHandler((_, partitions) => AssignAlso(partitions.Select(p => p.Partition.Value)))
                .SetPartitionsRevokedHandler((_, partitions) => Revoke(partitions.Select(p => p.Partition.Value)))
                .SetPartitionsLostHandler((_, partitions) => Revoke(partitions.Select(p => p.Partition.Value)))
                .Build();
            consumer.Subscribe(topic);
            _reading = Task.Factory.StartNew(() => Read(consumer), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        public override string Complaints => $"Confluent.Kafka's consumer: {_failure}";

        public override Task SendAsync(string value) => throw new NotSupportedException();

        public override async Task EndAsync()
        {
            await _stop.CancelAsync();
            await _reading;
        }

        public override async ValueTask DisposeAsync()
        {
            await EndAsync();
            _stop.Dispose();
        }

        private void Read(IConsumer<Ignore, string> consumer)
        {
            using (consumer)
            {
                while (!_stop.IsCancellationRequested)
                {
                    try
                    {
                        if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } record)
                            Deliver(new Delivered(record.Partition, record.Offset, record.Message.Value));
                    }
                    catch (ConsumeException failure)
                    {
                        _failure = failure.ToString();
                    }
                }

                consumer.Close();
            }
        }
    }
}
