using Switchback.Broker.Tests.Protocol;
using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Faults;

/// <summary>
/// What clients see when a broker dies and comes back, and when the whole cluster loses power: the same tests for the embedded cluster and for Apache Kafka.
/// </summary>
public abstract class FaultSuite(FaultTarget target)
{
    /// <summary>Not the first broker: on Apache Kafka that one is the controller too, and no other could take its place.</summary>
    private const int Victim = 2;

    /// <summary>Another one: what a broker led is led by others when it is back, for as long as leaders are not balanced.</summary>
    private const int Stopped = 3;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_brokers_place_is_taken_and_clients_go_on()
    {
        await using var client = target.Client();
        var partition = await LedByAsync(client, Victim);
        var (group, member) = await GroupOfAsync(client, Victim);
        var before = await DescribeAsync(client, partition);
        using var producer = JavaProducer.Start(target.Bootstrap, partition.Topic);
        await producer.SayAsync(0, 100);
        await Eventually.HoldsAsync(async () => await LatestAsync(client, partition, IsolationLevel.ReadUncommitted) == 100);

        await target.KillBrokerAsync(Victim);
        await producer.SayAsync(100, 200);
        await Eventually.HoldsAsync(async () => await DescribeAsync(client, partition) is { LeaderId: >= 0 and not Victim });
        var during = await DescribeAsync(client, partition);
        Assert.True(during.LeaderEpoch > before.LeaderEpoch);
        Assert.DoesNotContain(Victim, during.InSyncReplicas);
        await Eventually.HoldsAsync(async () => await LatestAsync(client, partition, IsolationLevel.ReadUncommitted) == 200);
        var leader = await client.ConnectToBrokerAsync(during.LeaderId, Stop);
        Assert.Equal(KafkaError.FencedLeaderEpoch, await EndAsync(leader, partition, before.LeaderEpoch, before.LeaderEpoch));
        Assert.Equal(KafkaError.UnknownLeaderEpoch, await EndAsync(leader, partition, during.LeaderEpoch + 5, before.LeaderEpoch));
        Assert.Equal(KafkaError.None, await EndAsync(leader, partition, during.LeaderEpoch, before.LeaderEpoch));

        // The group's coordinator died with the broker: another one knows the member, which need not join again.
        await Eventually.HoldsAsync(async () => await HeartbeatAsync(client, group, member) == KafkaError.None);

        await target.StartBrokerAsync(Victim);
        await Eventually.HoldsAsync(async () => (await DescribeAsync(client, partition)).InSyncReplicas.Contains(Victim));
        var after = await DescribeAsync(client, partition);
        Assert.NotEqual(Victim, after.LeaderId);
        var returned = await client.ConnectToBrokerAsync(Victim, Stop);
        await Eventually.HoldsAsync(async () => await EndAsync(returned, partition, -1, before.LeaderEpoch) == KafkaError.NotLeaderOrFollower);
        Assert.Equal(KafkaError.NotLeaderOrFollower, (await returned.SendAsync(Fetch(partition.Topic, 0, 0), 10, Stop)).Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(KafkaError.NotLeaderOrFollower, (await returned.SendAsync(Produce(partition), 9, Stop)).Responses[0].PartitionResponses[0].ErrorCode);
        await producer.SayAsync(200, 300);
        await producer.EndAsync();
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"line {i}"), await ValuesAsync(client, partition));
    }

    [Fact]
    public async Task A_stopped_broker_hands_over_and_clients_go_on()
    {
        await using var client = target.Client();
        var partition = await LedByAsync(client, Stopped);
        var (group, member) = await GroupOfAsync(client, Stopped);
        var before = await DescribeAsync(client, partition);
        using var producer = JavaProducer.Start(target.Bootstrap, partition.Topic);
        using var reader = JavaReader.Start(target.Bootstrap, partition.Topic);
        await producer.SayAsync(0, 100);
        await reader.SeesAsync("line 99");

        await target.StopBrokerAsync(Stopped);
        await producer.SayAsync(100, 200);
        await Eventually.HoldsAsync(async () => await DescribeAsync(client, partition) is { LeaderId: >= 0 and not Stopped } moved && moved.LeaderEpoch > before.LeaderEpoch);
        await reader.SeesAsync("line 199");
        await Eventually.HoldsAsync(async () => await HeartbeatAsync(client, group, member) == KafkaError.None);

        await target.StartBrokerAsync(Stopped);
        await Eventually.HoldsAsync(async () => (await DescribeAsync(client, partition)).InSyncReplicas.Contains(Stopped));
        await producer.SayAsync(200, 300);
        await producer.EndAsync();
        await reader.SeesAsync("line 299");
        var lines = Enumerable.Range(0, 300).Select(i => $"line {i}").ToList();
        Assert.Equal(lines, await ValuesAsync(client, partition));
        Assert.Equal(lines, reader.Lines);
    }

    [Fact]
    public async Task A_loss_of_power_cuts_the_tail_and_whoever_was_further_is_told()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client, new Dictionary<string, string> { ["flush.messages"] = "10" });
        for (var i = 0; i < 25; i++)
            Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.Of($"a{i}")));
        var before = await DescribeAsync(client, partition);
        using var reader = JavaReader.Start(target.Bootstrap, partition.Topic);
        await reader.SeesAsync("a24");
        var survivor = await SurvivorAsync(client);

        await target.LosePowerAsync(partition, kept: 20);
        await Eventually.HoldsAsync(async () => await LatestOrMinusOneAsync(client, partition) == 20);
        await client.RefreshMetadataAsync([partition.Topic], Stop);
        var after = await DescribeAsync(client, partition);
        Assert.True(after.LeaderEpoch > before.LeaderEpoch);
        var leader = await client.ConnectToBrokerAsync(after.LeaderId, Stop);
        var end = (await leader.SendAsync(EpochEnd(partition, after.LeaderEpoch, before.LeaderEpoch), 4, Stop)).Topics[0].Partitions[0];
        Assert.Equal((KafkaError.None, before.LeaderEpoch, 20L), (end.ErrorCode, end.LeaderEpoch, end.EndOffset));
        Assert.Equal(KafkaError.OffsetOutOfRange, (await leader.SendAsync(Fetch(partition.Topic, 0, 25), 12, Stop)).Responses[0].Partitions[0].ErrorCode);
        for (var i = 20; i < 30; i++)
            Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.Of($"b{i}")));

        // The log has grown beyond where the old one ended. Its offset alone would tell a reader nothing: the epoch does.
        var diverging = (await leader.SendAsync(Fetch(partition.Topic, 0, 25, before.LeaderEpoch), 12, Stop)).Responses[0].Partitions[0];
        Assert.Equal((KafkaError.None, before.LeaderEpoch, 20L), (diverging.ErrorCode, diverging.DivergingEpoch.Epoch, diverging.DivergingEpoch.EndOffset));
        Assert.True(diverging.Records is not { Length: > 0 });
        await survivor();
        await reader.SeesAsync("b29");
        Assert.Equal(["a24", "b20"], reader.Lines.SkipWhile(l => l != "a24").Take(2));
    }

    [Fact]
    public async Task A_transaction_that_takes_too_long_is_aborted_and_its_producer_fenced()
    {
        await using var client = target.Client();
        var (partition, name) = (await TopicAsync(client), "slow-" + Guid.NewGuid());
        var producer = await InitAsync(client, name, timeoutMs: 1000);
        await AddAsync(client, name, producer, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 0, "late"), name));
        await Eventually.HoldsAsync(async () => await LatestAsync(client, partition, IsolationLevel.ReadCommitted) == 2);
        var connection = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
        var end = new EndTxnRequest { TransactionalId = name, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Committed = true };
        Assert.Equal(KafkaError.ProducerFenced, (await connection.SendAsync(end, 4, Stop)).ErrorCode);
        Assert.Equal(KafkaError.InvalidProducerEpoch, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 1, "later"), name));
    }

    /// <summary>What else must survive the same loss of power: it was forced to disk.</summary>
    private static async Task<Func<Task>> SurvivorAsync(ClusterClient client)
    {
        Func<Task>[] checks =
        [
            await DeadMemberAsync(client),
            await LastBatchAsync(client),
            await CommittedTransactionAsync(client),
            await OpenTransactionAsync(client),
            await LivingMemberAsync(client),
        ];
        return async () =>
        {
            foreach (var check in checks)
                await check();
        };
    }

    private static async Task<Func<Task>> LastBatchAsync(ClusterClient client)
    {
        var partition = await TopicAsync(client);
        var id = await ProducerIdAsync(client);
        for (var sequence = 0; sequence < 7; sequence++)
            Assert.Equal((KafkaError.None, sequence), await AppendAsync(client, partition, Batches.From(id, 0, sequence, "v")));
        return async () =>
        {
            await LatestAsync(client, partition, IsolationLevel.ReadUncommitted);
            Assert.Equal((KafkaError.None, 6), await AppendAsync(client, partition, Batches.From(id, 0, 6, "v")));

            // Of the five batches that a running cluster remembers only the last one is known after a start.
            foreach (var other in new[] { 1, 3, 5, 8 })
                Assert.Equal(KafkaError.OutOfOrderSequenceNumber, await ProduceOnceAsync(client, partition, Batches.From(id, 0, other, "v")));
            Assert.Equal((KafkaError.None, 7), await AppendAsync(client, partition, Batches.From(id, 0, 7, "v")));
            Assert.NotEqual(id, await ProducerIdAsync(client));
        };
    }

    private static async Task<Func<Task>> CommittedTransactionAsync(ClusterClient client)
    {
        var (partition, name) = (await TopicAsync(client), "committed-" + Guid.NewGuid());
        var producer = await InitAsync(client, name);
        await AddAsync(client, name, producer, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 0, "kept"), name));
        await Requests.EndAsync(client, name, producer, commit: true);
        return async () =>
        {
            await Eventually.HoldsAsync(async () => await LatestOrMinusOneAsync(client, partition, IsolationLevel.ReadCommitted) == 2);
            Assert.Equal(["kept"], await ValuesAsync(client, partition));
        };
    }

    private static async Task<Func<Task>> OpenTransactionAsync(ClusterClient client)
    {
        var (partition, name) = (await TopicAsync(client), "open-" + Guid.NewGuid());
        var producer = await InitAsync(client, name);
        await AddAsync(client, name, producer, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 0, "open"), name));
        return async () =>
        {
            await Eventually.HoldsAsync(async () => await LatestOrMinusOneAsync(client, partition) == 1);
            Assert.Equal(0, await LatestAsync(client, partition, IsolationLevel.ReadCommitted));
            var successor = await InitAsync(client, name);
            Assert.Equal((producer.ProducerId, true), (successor.ProducerId, successor.ProducerEpoch > producer.ProducerEpoch));
            await Eventually.HoldsAsync(async () => await LatestAsync(client, partition, IsolationLevel.ReadCommitted) == 2);
            var fetched = await client.FetchAsync(new FetchPosition(partition, 0), new FetchSettings { Isolation = IsolationLevel.ReadCommitted }, Stop);
            Assert.Equal([(producer.ProducerId, 0L)], fetched.Data.AbortedTransactions!.Select(a => (a.ProducerId, a.FirstOffset)));
            Assert.Equal(KafkaError.InvalidProducerEpoch, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 1, "late"), name));
        };
    }

    private static async Task<Func<Task>> LivingMemberAsync(ClusterClient client)
    {
        var (partition, group) = (await TopicAsync(client), "living-" + Guid.NewGuid());
        var member = await JoinAndSyncAsync(client, group, sessionTimeoutMs: 60_000);
        Assert.Equal(KafkaError.None, await CommitAsync(client, group, partition, 5, member));
        return async () =>
        {
            await Eventually.HoldsAsync(async () => await HeartbeatAsync(client, group, member) == KafkaError.None);
            Assert.Equal(5, await CommittedAsync(client, group, partition));
        };
    }

    /// <summary>Nobody can tell a cluster that has just been started that the member died with it: it holds its place for its session timeout.</summary>
    private static async Task<Func<Task>> DeadMemberAsync(ClusterClient client)
    {
        var group = "dead-" + Guid.NewGuid();
        await JoinAndSyncAsync(client, group, sessionTimeoutMs: 30_000);
        return async () =>
        {
            await Eventually.HoldsAsync(async () => await StateAsync(client, group) is ("Stable" or "PreparingRebalance", 1));
            var successor = await JoinAsync(client, group, sessionTimeoutMs: 30_000);
            Assert.Equal(successor.MemberId, Assert.Single(successor.Members).MemberId);
        };
    }

    private static async Task<PartitionMetadata> DescribeAsync(ClusterClient client, TopicPartition partition)
    {
        PartitionMetadata? found = null;
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                found = (await client.RefreshMetadataAsync([partition.Topic], Stop)).FindPartition(partition);
                return found is not null;
            }
            catch (KafkaConnectionException)
            {
                return false;
            }
        });
        return found!;
    }

    /// <summary>A partition with a replica everywhere whose leader is the given broker.</summary>
    private static async Task<TopicPartition> LedByAsync(ClusterClient client, int broker)
    {
        var partition = new TopicPartition("suite-" + Guid.NewGuid(), 0);
        var request = new CreateTopicsRequest
        {
            TimeoutMs = 30_000,
            Topics =
            [
                new() { Name = partition.Topic, NumPartitions = -1, ReplicationFactor = -1, Assignments = [new() { PartitionIndex = 0, BrokerIds = [broker, .. new[] { 3, 2, 1 }.Where(other => other != broker)] }] },
            ],
        };
        var created = await client.SendToControllerAsync(request, _ => KafkaError.None, Stop);
        Assert.Equal(KafkaError.None, created.Topics[0].ErrorCode);
        await Eventually.HoldsAsync(async () => await DescribeAsync(client, partition) is { InSyncReplicas.Count: 3 } described && described.LeaderId == broker);
        await client.ListOffsetsAsync([partition], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Stop);
        return partition;
    }

    /// <summary>A group that the given broker coordinates, with a member that is to stay.</summary>
    private async Task<(string Group, JoinGroupResponse Member)> GroupOfAsync(ClusterClient client, int broker)
    {
        await client.RefreshMetadataAsync([], Stop);
        var endpoint = client.Metadata.Brokers[broker].Endpoint;
        string? found = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                for (var i = 0; i < 100; i++)
                {
                    found = $"group-{i}-{Guid.NewGuid()}";
                    if ((await CoordinatorAsync(client, CoordinatorType.Group, found)).Endpoint == endpoint)
                        return true;
                }

                // A test before this one took the broker's partitions away from it.
                await target.BalanceLeadersAsync();
                return false;
            },
            $"broker {broker} coordinates a group");
        return (found!, await JoinAndSyncAsync(client, found!, sessionTimeoutMs: 600_000));
    }

    private static async Task<long> LatestOrMinusOneAsync(ClusterClient client, TopicPartition partition, IsolationLevel isolation = IsolationLevel.ReadUncommitted)
    {
        try
        {
            return await LatestAsync(client, partition, isolation);
        }
        catch (Exception failure) when (failure is KafkaConnectionException or KafkaErrorException)
        {
            return -1;
        }
    }

    private static async Task<KafkaError> EndAsync(KafkaConnection connection, TopicPartition partition, int currentEpoch, int askedEpoch) =>
        (await connection.SendAsync(EpochEnd(partition, currentEpoch, askedEpoch), 4, Stop)).Topics[0].Partitions[0].ErrorCode;

    private static OffsetForLeaderEpochRequest EpochEnd(TopicPartition partition, int currentEpoch, int askedEpoch) => new()
    {
        ReplicaId = -1,
        Topics = [new() { Topic = partition.Topic, Partitions = [new() { Partition = partition.Partition, CurrentLeaderEpoch = currentEpoch, LeaderEpoch = askedEpoch }] }],
    };

    private static ProduceRequest Produce(TopicPartition partition) => new()
    {
        Acks = -1,
        TimeoutMs = 30_000,
        TopicData = [new() { Name = partition.Topic, PartitionData = [new() { Index = partition.Partition, Records = Batches.Of("at the wrong door") }] }],
    };
}

/// <summary>The faults of the embedded cluster.</summary>
public sealed class EmbeddedFaultTests(EmbeddedFaultTarget target) : FaultSuite(target), IClassFixture<EmbeddedFaultTarget>;

/// <summary>The faults of Apache Kafka.</summary>
public sealed class ApacheFaultTests(ApacheFaultTarget target) : FaultSuite(target), IClassFixture<ApacheFaultTarget>;
