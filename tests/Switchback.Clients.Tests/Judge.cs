using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests;

/// <summary>Sets up what a client is tested with, and looks at what it left, straight in the cluster: librdkafka, which is not ours either.</summary>
internal sealed class Judge(ClientTarget target) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly IAdminClient _admin = new AdminClientBuilder(Settings(target, new AdminClientConfig())).SetLogHandler((_, _) => { }).Build();

    private readonly IProducer<Null, string> _producer = new ProducerBuilder<Null, string>(Settings(target, new ProducerConfig { EnableIdempotence = true, LingerMs = 1 }))
        .SetLogHandler((_, _) => { })
        .Build();

    public async Task CreateTopicAsync(string name, int partitions, short replicas = 3)
    {
        await _admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = replicas }], new CreateTopicsOptions { RequestTimeout = Patience });
        // A topic is answered before every broker knows of it, and clients differ in how long they wait.
        await Eventually.HoldsAsync(() =>
        {
            var described = _admin.GetMetadata(name, Patience).Topics.Single();
            return described.Partitions.Count == partitions && described.Partitions.All(p => p.Leader > 0 && p.InSyncReplicas.Length > 0);
        });
    }

    /// <summary>The broker that leads a partition.</summary>
    public Task<int> LeaderAsync(string topic, int partition) => Task.Run(() => _admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Single(p => p.PartitionId == partition).Leader);

    public Task<bool> ExistsAsync(string topic) => Task.Run(() => _admin.GetMetadata(Patience).Topics.Any(t => t.Topic == topic));

    public Task ProduceAsync(string topic, int partition, IEnumerable<string> values) =>
        Task.WhenAll(values.Select(value => _producer.ProduceAsync(new TopicPartition(topic, partition), new Message<Null, string> { Value = value })));

    /// <summary>All of a topic, each partition from its beginning to its end.</summary>
    public Task<IReadOnlyList<Delivered>> ReadAllAsync(string topic, int partitions, IsolationLevel isolation = IsolationLevel.ReadCommitted) => Task.Run<IReadOnlyList<Delivered>>(() =>
    {
        var settings = new ConsumerConfig { GroupId = "judge", EnableAutoCommit = false, EnablePartitionEof = true, IsolationLevel = isolation };
        using var consumer = new ConsumerBuilder<Ignore, string>(Settings(target, settings)).SetLogHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var (found, ends) = (new List<Delivered>(), new HashSet<int>());
        while (ends.Count < partitions)
        {
            var record = consumer.Consume(Patience);
            Assert.True(record is not null, $"{topic} is not readable to its end: {found.Count} records so far");
            if (record.IsPartitionEOF)
                ends.Add(record.Partition);
            else
                found.Add(new Delivered(record.Partition, record.Offset, record.Message.Value));
        }

        return found;
    });

    /// <summary>A group's committed offset for each partition; -1 where there is none.</summary>
    public async Task<IReadOnlyList<long>> CommittedAsync(string group, string topic, int partitions)
    {
        var asked = new ConsumerGroupTopicPartitions(group, [.. Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p))]);
        var answer = await _admin.ListConsumerGroupOffsetsAsync([asked], new ListConsumerGroupOffsetsOptions { RequestTimeout = Patience });
        return [.. answer[0].Partitions.OrderBy(p => p.Partition.Value).Select(p => p.Offset.IsSpecial ? -1 : p.Offset.Value)];
    }

    private static T Settings<T>(ClientTarget target, T settings) where T : ClientConfig
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

    public ValueTask DisposeAsync()
    {
        _admin.Dispose();
        _producer.Dispose();
        return ValueTask.CompletedTask;
    }
}
