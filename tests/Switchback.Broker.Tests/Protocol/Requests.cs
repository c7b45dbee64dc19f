using System.Text;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Tests.Protocol;

/// <summary>The requests of the suites: each at a version that says what is to be seen, asked again only where any cluster may need a moment.</summary>
internal static class Requests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A new topic of one partition, with a leader that leads.</summary>
    public static async Task<TopicPartition> TopicAsync(ClusterClient client, IReadOnlyDictionary<string, string>? configuration = null)
    {
        var name = "suite-" + Guid.NewGuid();
        await client.CreateTopicsAsync([new NewTopic(name, 1, 1, configuration)], Stop);
        await client.WaitForLeadersAsync([name], Stop);
        var partition = new TopicPartition(name, 0);

        // A leader may be announced before it leads: this is asked again until it answers.
        await client.ListOffsetsAsync([partition], OffsetPlace.Latest, IsolationLevel.ReadUncommitted, Stop);
        return partition;
    }

    /// <summary>The coordinator, once it is there: the first question makes its topic.</summary>
    public static async Task<KafkaConnection> CoordinatorAsync(ClusterClient client, CoordinatorType type, string key)
    {
        KafkaConnection? connection = null;
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                connection = await client.ConnectToCoordinatorAsync(type, key, Stop);
                return true;
            }
            catch (KafkaErrorException missing) when (missing.Error.IsRetriable())
            {
                return false;
            }
        });
        return connection!;
    }

    /// <summary>An id for a producer without transactions. A cluster that has just been started may have no block of ids yet, and says so.</summary>
    public static async Task<long> ProducerIdAsync(ClusterClient client)
    {
        var given = new InitProducerIdResponse();
        await Eventually.HoldsAsync(async () =>
        {
            given = await client.SendToAnyAsync(new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = int.MaxValue }, Stop);
            return given.ErrorCode == KafkaError.None;
        });
        return given.ProducerId;
    }

    public static async Task<KafkaError> ProduceOnceAsync(ClusterClient client, TopicPartition partition, byte[] batch, string? transaction = null) =>
        (await AppendAsync(client, partition, batch, transaction)).Error;

    /// <summary>Produces once, to the leader; what became of it and the offset it got.</summary>
    public static async Task<(KafkaError Error, long BaseOffset)> AppendAsync(ClusterClient client, TopicPartition partition, byte[] batch, string? transaction = null)
    {
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var request = new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 30_000,
            TransactionalId = transaction,
            TopicData = [new() { Name = partition.Topic, PartitionData = [new() { Index = partition.Partition, Records = batch }] }],
        };
        var answer = (await connection.SendAsync(request, 9, Stop)).Responses[0].PartitionResponses[0];
        return (answer.ErrorCode, answer.BaseOffset);
    }

    public static async Task<List<string>> ValuesAsync(ClusterClient client, TopicPartition partition)
    {
        var (values, offset, end) = (new List<string>(), 0L, await LatestAsync(client, partition, IsolationLevel.ReadUncommitted));
        while (offset < end)
        {
            var fetched = await client.FetchAsync(new FetchPosition(partition, offset), new FetchSettings(), Stop);
            foreach (var batch in RecordBatchReader.ReadBatches(fetched.Data.Records.GetValueOrDefault()))
            {
                if (!batch.Header.IsControl)
                    values.AddRange(batch.ReadRecords().Select(r => Encoding.UTF8.GetString(r.Value!.Value.Span)));
                offset = batch.Header.NextOffset;
            }
        }

        return values;
    }

    public static async Task<long> LatestAsync(ClusterClient client, TopicPartition partition, IsolationLevel isolation) =>
        (await client.ListOffsetsAsync([partition], OffsetPlace.Latest, isolation, Stop))[partition].Offset;

    public static Task<InitProducerIdResponse> InitAsync(ClusterClient client, string name, int timeoutMs = 60_000) => client.SendToCoordinatorAsync(
        CoordinatorType.Transaction, name, new InitProducerIdRequest { TransactionalId = name, TransactionTimeoutMs = timeoutMs }, r => r.ErrorCode, Stop);

    public static async Task EmptyTransactionAsync(ClusterClient client, string name, InitProducerIdResponse producer, TopicPartition partition)
    {
        await AddAsync(client, name, producer, partition);
        await EndAsync(client, name, producer, commit: true);

        // EndTxn is answered when the decision is kept. The fence is there when the markers are.
        var connection = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
        await Eventually.HoldsAsync(async () =>
            (await connection.SendAsync(new DescribeTransactionsRequest { TransactionalIds = [name] }, Stop)).TransactionStates[0].TransactionState == "CompleteCommit");
    }

    public static async Task AddAsync(ClusterClient client, string name, InitProducerIdResponse producer, TopicPartition partition)
    {
        var request = new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = name,
            V3AndBelowProducerId = producer.ProducerId,
            V3AndBelowProducerEpoch = producer.ProducerEpoch,
            V3AndBelowTopics = [new() { Name = partition.Topic, Partitions = [partition.Partition] }],
        };
        await Eventually.HoldsAsync(async () =>
        {
            var connection = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
            var error = (await connection.SendAsync(request, 3, Stop)).ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode;
            Assert.True(error is KafkaError.None or KafkaError.ConcurrentTransactions, error.ToString());
            return error == KafkaError.None;
        });
    }

    public static async Task EndAsync(ClusterClient client, string name, InitProducerIdResponse producer, bool commit)
    {
        var connection = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
        var request = new EndTxnRequest { TransactionalId = name, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Committed = commit };
        Assert.Equal(KafkaError.None, (await connection.SendAsync(request, 4, Stop)).ErrorCode);
    }

    /// <summary>A new member, once the group's next generation has begun.</summary>
    public static async Task<JoinGroupResponse> JoinAsync(ClusterClient client, string group, int sessionTimeoutMs = 10_000)
    {
        var request = new JoinGroupRequest
        {
            GroupId = group,
            SessionTimeoutMs = sessionTimeoutMs,
            RebalanceTimeoutMs = 10_000,
            ProtocolType = "consumer",
            Protocols = [new() { Name = "range", Metadata = new byte[] { 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff } }],
        };
        // A coordinator may be named before it knows that it is one.
        KafkaConnection? connection = null;
        var first = new JoinGroupResponse();
        await Eventually.HoldsAsync(async () =>
        {
            connection = await CoordinatorAsync(client, CoordinatorType.Group, group);
            first = await connection.SendAsync(request, 9, Stop);
            return first.ErrorCode is not (KafkaError.NotCoordinator or KafkaError.CoordinatorLoadInProgress or KafkaError.CoordinatorNotAvailable);
        });
        Assert.Equal(KafkaError.MemberIdRequired, first.ErrorCode);
        request.MemberId = first.MemberId;
        var joined = await connection!.SendAsync(request, 9, Stop);
        Assert.Equal(KafkaError.None, joined.ErrorCode);
        return joined;
    }

    /// <summary>The only member of a group, with an assignment.</summary>
    public static async Task<JoinGroupResponse> JoinAndSyncAsync(ClusterClient client, string group, int sessionTimeoutMs)
    {
        var joined = await JoinAsync(client, group, sessionTimeoutMs);
        var request = new SyncGroupRequest
        {
            GroupId = group,
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            Assignments = [new() { MemberId = joined.MemberId, Assignment = new byte[] { 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff } }],
        };
        var connection = await CoordinatorAsync(client, CoordinatorType.Group, group);
        Assert.Equal(KafkaError.None, (await connection.SendAsync(request, 3, Stop)).ErrorCode);
        return joined;
    }

    public static async Task<KafkaError> HeartbeatAsync(ClusterClient client, string group, JoinGroupResponse member)
    {
        var connection = await CoordinatorAsync(client, CoordinatorType.Group, group);
        var request = new HeartbeatRequest { GroupId = group, GenerationId = member.GenerationId, MemberId = member.MemberId };
        return (await connection.SendAsync(request, 3, Stop)).ErrorCode;
    }

    /// <summary>What a group is doing, and how many are in it.</summary>
    public static async Task<(string State, int Members)> StateAsync(ClusterClient client, string group)
    {
        var connection = await CoordinatorAsync(client, CoordinatorType.Group, group);
        var described = (await connection.SendAsync(new DescribeGroupsRequest { Groups = [group] }, 5, Stop)).Groups[0];
        return (described.GroupState, described.Members.Count);
    }

    public static async Task<KafkaError> CommitAsync(ClusterClient client, string group, TopicPartition partition, long offset, JoinGroupResponse? member = null)
    {
        var request = Commit(group, partition, offset, member);
        var connection = await CoordinatorAsync(client, CoordinatorType.Group, group);
        var error = KafkaError.None;
        await Eventually.HoldsAsync(async () =>
        {
            error = (await connection.SendAsync(request, 8, Stop)).Topics[0].Partitions[0].ErrorCode;
            return error is not (KafkaError.CoordinatorLoadInProgress or KafkaError.NotCoordinator or KafkaError.CoordinatorNotAvailable);
        });
        return error;
    }

    public static OffsetCommitRequest Commit(string group, TopicPartition partition, long offset, JoinGroupResponse? member = null) => new()
    {
        GroupId = group,
        MemberId = member?.MemberId ?? "",
        GenerationIdOrMemberEpoch = member?.GenerationId ?? -1,
        Topics = [new() { Name = partition.Topic, Partitions = [new() { PartitionIndex = partition.Partition, CommittedOffset = offset, CommittedMetadata = "" }] }],
    };

    public static async Task<long> CommittedAsync(ClusterClient client, string group, TopicPartition partition)
    {
        var request = new OffsetFetchRequest
        {
            Groups = [new() { GroupId = group, Topics = [new() { Name = partition.Topic, PartitionIndexes = [partition.Partition] }] }],
        };
        var connection = await CoordinatorAsync(client, CoordinatorType.Group, group);
        return (await connection.SendAsync(request, 9, Stop)).Groups[0].Topics[0].Partitions[0].CommittedOffset;
    }

    public static FetchRequest Fetch(string topic, int partition, long offset, int lastFetchedEpoch = -1) => new()
    {
        MaxWaitMs = 200,
        MinBytes = 1,
        Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, FetchOffset = offset, LastFetchedEpoch = lastFetchedEpoch, PartitionMaxBytes = 1 << 20 }] }],
    };

    public static FetchRequest Incremental(int session, int epoch) => new() { MaxWaitMs = 200, MinBytes = 1, SessionId = session, SessionEpoch = epoch };
}
