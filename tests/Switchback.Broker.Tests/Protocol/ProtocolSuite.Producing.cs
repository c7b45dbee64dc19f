using Switchback.Broker.Tests.Storage;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Switchback.Kafka.Wire;
using static Switchback.Broker.Tests.Protocol.Requests;

namespace Switchback.Broker.Tests.Protocol;

/// <content>Producers, transactions, and what readers see of them.</content>
public abstract partial class ProtocolSuite
{
    [Fact]
    public async Task A_producers_last_five_batches_are_remembered()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var id = await ProducerIdAsync(client);
        for (var sequence = 0; sequence < 7; sequence++)
            Assert.Equal((KafkaError.None, sequence), await AppendAsync(client, partition, Batches.From(id, 0, sequence, "v")));
        for (var sequence = 2; sequence < 7; sequence++)
            Assert.Equal((KafkaError.None, sequence), await AppendAsync(client, partition, Batches.From(id, 0, sequence, "v")));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 1, "v")));
        Assert.Equal((KafkaError.None, 7), await AppendAsync(client, partition, Batches.From(id, 0, 7, "v")));
    }

    [Fact]
    public async Task Sequences_begin_anew_after_the_largest()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var id = await ProducerIdAsync(client);
        Assert.Equal((KafkaError.None, 0), await AppendAsync(client, partition, Batches.From(id, 0, int.MaxValue - 1, "a", "b", "c")));
        Assert.Equal(KafkaError.OutOfOrderSequenceNumber, await ProduceOnceAsync(client, partition, Batches.From(id, 0, 5, "gap")));
        Assert.Equal((KafkaError.None, 3), await AppendAsync(client, partition, Batches.From(id, 0, 1, "d")));
    }

    [Fact]
    public async Task A_successor_fences_who_went_before_and_ends_its_transaction()
    {
        await using var client = target.Client();
        var (partition, name) = (await TopicAsync(client), "tx-" + Guid.NewGuid());
        var first = await InitAsync(client, name);
        await AddAsync(client, name, first, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(first.ProducerId, first.ProducerEpoch, 0, "of the first"), name));
        Assert.Equal(0, await LatestAsync(client, partition, IsolationLevel.ReadCommitted));

        var second = await InitAsync(client, name);
        Assert.Equal(first.ProducerId, second.ProducerId);
        Assert.True(second.ProducerEpoch > first.ProducerEpoch);
        await Eventually.HoldsAsync(async () => await LatestAsync(client, partition, IsolationLevel.ReadCommitted) == 2);
        Assert.Equal(KafkaError.InvalidProducerEpoch, await ProduceOnceAsync(client, partition, Batches.InTransaction(first.ProducerId, first.ProducerEpoch, 1, "late"), name));
        var coordinator = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
        var end = new EndTxnRequest { TransactionalId = name, ProducerId = first.ProducerId, ProducerEpoch = first.ProducerEpoch, Committed = true };
        Assert.Equal(KafkaError.ProducerFenced, (await coordinator.SendAsync(end, 4, Stop)).ErrorCode);
        var add = new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = name,
            V3AndBelowProducerId = first.ProducerId,
            V3AndBelowProducerEpoch = first.ProducerEpoch,
            V3AndBelowTopics = [new() { Name = partition.Topic, Partitions = [0] }],
        };
        Assert.Equal(KafkaError.ProducerFenced, (await coordinator.SendAsync(add, 3, Stop)).ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);
        end = new EndTxnRequest { TransactionalId = name, ProducerId = second.ProducerId, ProducerEpoch = second.ProducerEpoch, Committed = true };
        Assert.Equal(KafkaError.InvalidTxnState, (await coordinator.SendAsync(end, 4, Stop)).ErrorCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Offsets_of_a_transaction_count_when_it_is_committed_and_not_when_it_is_aborted(bool commit)
    {
        await using var client = target.Client();
        var (partition, name, group) = (await TopicAsync(client), "tx-" + Guid.NewGuid(), "group-" + Guid.NewGuid());
        Assert.Equal(KafkaError.None, await CommitAsync(client, group, partition, 5));
        var producer = await InitAsync(client, name);
        var transactions = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
        var groups = await CoordinatorAsync(client, CoordinatorType.Group, group);
        var add = new AddOffsetsToTxnRequest { TransactionalId = name, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, GroupId = group };
        Assert.Equal(KafkaError.None, (await transactions.SendAsync(add, 3, Stop)).ErrorCode);
        Assert.Equal(KafkaError.None, await PendAsync(producer.ProducerEpoch));
        Assert.Equal(5, await CommittedAsync(client, group, partition));
        Assert.Equal(KafkaError.UnstableOffsetCommit, (await StableAsync()).ErrorCode);

        await EndAsync(client, name, producer, commit);
        await Eventually.HoldsAsync(async () => (await StableAsync()).ErrorCode == KafkaError.None);
        Assert.Equal(commit ? 8 : 5, (await StableAsync()).CommittedOffset);
        var successor = await InitAsync(client, name);
        Assert.True(successor.ProducerEpoch > producer.ProducerEpoch);

        async Task<KafkaError> PendAsync(short epoch)
        {
            var request = new TxnOffsetCommitRequest
            {
                TransactionalId = name,
                GroupId = group,
                ProducerId = producer.ProducerId,
                ProducerEpoch = epoch,
                Topics = [new() { Name = partition.Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 8, CommittedMetadata = "" }] }],
            };
            return (await groups.SendAsync(request, 3, Stop)).Topics[0].Partitions[0].ErrorCode;
        }

        async Task<OffsetFetchResponse.OffsetFetchResponsePartitions> StableAsync()
        {
            var request = new OffsetFetchRequest { RequireStable = true, Groups = [new() { GroupId = group, Topics = [new() { Name = partition.Topic, PartitionIndexes = [0] }] }] };
            return (await groups.SendAsync(request, 9, Stop)).Groups[0].Topics[0].Partitions[0];
        }
    }

    /// <summary>KIP-664, and KIP-994 for how long they have been running.</summary>
    [Fact]
    public async Task Transactions_are_listed_by_state_producer_and_how_long_they_have_been_open()
    {
        const long hour = 3_600_000;
        await using var client = target.Client();
        var (partition, name) = (await TopicAsync(client), "tx-" + Guid.NewGuid());
        var producer = await InitAsync(client, name);
        Assert.Equal("Empty", await ListedAsync(new()));
        Assert.Equal("Empty", await ListedAsync(new() { StateFilters = ["Empty", "Ongoing"] }));
        Assert.Null(await ListedAsync(new() { StateFilters = ["Ongoing"] }));
        Assert.Equal("Empty", await ListedAsync(new() { DurationFilter = hour }));
        await AddAsync(client, name, producer, partition);
        Assert.Equal("Ongoing", await ListedAsync(new() { ProducerIdFilters = [producer.ProducerId, producer.ProducerId + 1] }));
        Assert.Null(await ListedAsync(new() { ProducerIdFilters = [producer.ProducerId + 1] }));
        await Eventually.HoldsAsync(async () => await ListedAsync(new() { DurationFilter = 1 }) == "Ongoing");
        Assert.Null(await ListedAsync(new() { DurationFilter = hour }));
        await EndAsync(client, name, producer, commit: true);
        await Eventually.HoldsAsync(async () => await ListedAsync(new() { StateFilters = ["CompleteCommit"] }) == "CompleteCommit");
        Assert.Null(await ListedAsync(new() { DurationFilter = hour }));
        Assert.Null(await ListedAsync(new() { StateFilters = ["Sleeping"] }));

        async Task<string?> ListedAsync(ListTransactionsRequest request)
        {
            var coordinator = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
            var listed = await coordinator.SendAsync(request, 1, Stop);
            Assert.Equal(KafkaError.None, listed.ErrorCode);
            Assert.Equal(request.StateFilters.Where(state => state == "Sleeping"), listed.UnknownStateFilters);
            var entry = listed.TransactionStates.SingleOrDefault(transaction => transaction.TransactionalId == name);
            Assert.Equal(entry is null ? null : producer.ProducerId, entry?.ProducerId);
            return entry?.TransactionState;
        }
    }

    [Fact]
    public async Task A_reader_of_committed_records_gets_nothing_beyond_an_open_transaction()
    {
        await using var client = target.Client();
        var (partition, name) = (await TopicAsync(client), "tx-" + Guid.NewGuid());
        await client.ProduceAsync(partition, Batches.Of("before"), null, Stop);
        var producer = await InitAsync(client, name);
        await AddAsync(client, name, producer, partition);
        Assert.Equal(KafkaError.None, await ProduceOnceAsync(client, partition, Batches.InTransaction(producer.ProducerId, producer.ProducerEpoch, 0, "open"), name));
        await client.ProduceAsync(partition, Batches.Of("after"), null, Stop);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var request = Fetch(partition.Topic, 0, 0);
        request.IsolationLevel = 1;
        var committed = (await connection.SendAsync(request, 12, Stop)).Responses[0].Partitions[0];
        Assert.Equal((1L, 3L), (committed.LastStableOffset, committed.HighWatermark));
        Assert.Equal([0L], Offsets(committed));
        request.IsolationLevel = 0;
        Assert.Equal([0L, 1L, 2L], Offsets((await connection.SendAsync(request, 12, Stop)).Responses[0].Partitions[0]));
        await EndAsync(client, name, producer, commit: true);
        request.IsolationLevel = 1;
        await Eventually.HoldsAsync(async () => Offsets((await connection.SendAsync(request, 12, Stop)).Responses[0].Partitions[0]).SequenceEqual([0L, 1L, 2L, 3L]));
    }

    [Fact]
    public async Task A_fetch_waits_for_the_bytes_it_asks_for_and_is_cut_to_size_but_for_the_first_batch()
    {
        await using var client = target.Client();
        await using var producing = target.Client();
        var partition = await TopicAsync(client);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var patient = Fetch(partition.Topic, 0, 0);
        (patient.MaxWaitMs, patient.MinBytes) = (600_000, 3000);
        var waiting = connection.SendAsync(patient, 12, Stop);
        for (var i = 0; i < 4; i++)
            await producing.ProduceAsync(partition, Batches.Of(new string((char)('a' + i), 1000)), null, Stop);
        Assert.True((await waiting).Responses[0].Partitions[0].Records!.Value.Length >= 3000);

        var small = Fetch(partition.Topic, 0, 1);
        small.Topics[0].Partitions[0].PartitionMaxBytes = 1;
        Assert.Equal([1L], Offsets((await connection.SendAsync(small, 12, Stop)).Responses[0].Partitions[0]));
        small.Topics[0].Partitions[0].PartitionMaxBytes = 2500;
        Assert.Equal([1L, 2L], Offsets((await connection.SendAsync(small, 12, Stop)).Responses[0].Partitions[0]));
    }

    [Fact]
    public async Task A_fetch_by_an_id_that_no_topic_has_says_so()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        await client.ProduceAsync(partition, Batches.Of("a"), null, Stop);
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        var request = Fetch(partition.Topic, 0, 0);
        request.Topics[0].TopicId = await client.GetTopicIdAsync(partition.Topic, Stop);
        Assert.Equal([0L], Offsets((await connection.SendAsync(request, 13, Stop)).Responses[0].Partitions[0]));
        request.Topics[0].TopicId = Guid.NewGuid();
        Assert.Equal(KafkaError.UnknownTopicId, (await connection.SendAsync(request, 13, Stop)).Responses[0].Partitions[0].ErrorCode);
    }

    [Fact]
    public async Task What_cannot_be_written_gets_its_own_error()
    {
        await using var client = target.Client();
        var (partition, name) = (await TopicAsync(client), "tx-" + Guid.NewGuid());
        var connection = await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop);
        Assert.Equal(KafkaError.InvalidRequiredAcks, await OnceAsync(partition.Topic, 0, acks: 2));
        Assert.Equal(KafkaError.UnknownTopicOrPartition, await OnceAsync(partition.Topic, 9, acks: 1));
        Assert.Equal(KafkaError.UnknownTopicOrPartition, await OnceAsync("nothing-of-that-name", 0, acks: -1));
        Assert.Equal(0, await LatestAsync(client, partition, IsolationLevel.ReadUncommitted));

        var producer = await InitAsync(client, name);
        var coordinator = await CoordinatorAsync(client, CoordinatorType.Transaction, name);
        var patient = new InitProducerIdRequest { TransactionalId = name, TransactionTimeoutMs = int.MaxValue };
        Assert.Equal(KafkaError.InvalidTransactionTimeout, (await coordinator.SendAsync(patient, 4, Stop)).ErrorCode);
        var add = new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = name,
            V3AndBelowProducerId = producer.ProducerId,
            V3AndBelowProducerEpoch = producer.ProducerEpoch,
            V3AndBelowTopics = [new() { Name = "nothing-of-that-name", Partitions = [0] }, new() { Name = partition.Topic, Partitions = [0] }],
        };
        var added = (await coordinator.SendAsync(add, 3, Stop)).ResultsByTopicV3AndBelow.ToDictionary(t => t.Name, t => t.ResultsByPartition[0].PartitionErrorCode);
        Assert.Equal((KafkaError.UnknownTopicOrPartition, KafkaError.OperationNotAttempted), (added["nothing-of-that-name"], added[partition.Topic]));
        add.V3AndBelowProducerId = producer.ProducerId + 1;
        add.V3AndBelowTopics = [new() { Name = partition.Topic, Partitions = [0] }];
        Assert.Equal(KafkaError.InvalidProducerIdMapping, (await coordinator.SendAsync(add, 3, Stop)).ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);

        async Task<KafkaError> OnceAsync(string topic, int index, short acks)
        {
            var request = new ProduceRequest { Acks = acks, TimeoutMs = 30_000, TopicData = [new() { Name = topic, PartitionData = [new() { Index = index, Records = Batches.Of("a") }] }] };
            return (await connection.SendAsync(request, 9, Stop)).Responses[0].PartitionResponses[0].ErrorCode;
        }
    }

    [Fact]
    public async Task The_brokers_time_replaces_the_clients_where_the_topic_says_so()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client, new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" });
        var answer = await client.ProduceAsync(partition, Batches.At(1_000_000_000_000, "a"), null, Stop);
        Assert.True(answer.LogAppendTimeMs > 1_000_000_000_000);
        var fetched = await client.FetchAsync(new FetchPosition(partition, 0), new FetchSettings(), Stop);
        Assert.Equal(answer.LogAppendTimeMs, RecordBatchReader.ReadBatches(fetched.Data.Records!.Value).Single().ReadRecords().Single().Timestamp);
        var other = await TopicAsync(client);
        Assert.Equal(-1, (await client.ProduceAsync(other, Batches.Of("a"), null, Stop)).LogAppendTimeMs);
    }

    [Fact]
    public async Task Every_codec_passes_through_untouched()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        foreach (var codec in Enum.GetValues<CompressionCodec>())
        {
            using var builder = new RecordBatchBuilder { Codec = codec };
            for (var i = 0; i < 20; i++)
                builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, System.Text.Encoding.UTF8.GetBytes($"{codec} {i}"));
            var sent = builder.Build();
            var offset = (await client.ProduceAsync(partition, sent.ToArray(), null, Stop)).BaseOffset;
            var fetched = await client.FetchAsync(new FetchPosition(partition, offset), new FetchSettings(), Stop);

            // All but the offset and the leader's epoch, which the broker writes, and the checksum leaves out.
            Assert.Equal(sent.AsSpan(16).ToArray(), fetched.Data.Records!.Value[16..sent.Length].ToArray());
            Assert.Equal($"{codec} 19", System.Text.Encoding.UTF8.GetString(RecordBatchReader.ReadBatches(fetched.Data.Records.Value).First().ReadRecords().Last().Value!.Value.Span));
        }
    }

    [Fact]
    public async Task What_is_asked_at_a_version_that_is_not_there_is_answered_as_kip_511_says_or_not_at_all()
    {
        var endpoint = KafkaEndpoint.ParseList(target.Bootstrap)[0];
        await using (var connection = await RawConnection.ConnectAsync(endpoint))
        {
            await connection.SendAsync(new byte[] { 0, 0, 0, 11, 0, 18, 0, 90, 0, 0, 0, 42, 0, 0, 0 });
            var reader = new WireReader((await connection.FrameAsync())!);
            Assert.Equal(42, reader.ReadInt32());
            var versions = ApiVersionsResponse.Read(ref reader, 0);
            Assert.Equal(KafkaError.UnsupportedVersion, versions.ErrorCode);
            Assert.Equal((short)18, versions.ApiKeys.Single().ApiKey);
            Assert.Equal((0, 4), (versions.ApiKeys[0].MinVersion, versions.ApiKeys[0].MaxVersion));
        }

        foreach (var (key, version) in new (byte, byte)[] { (3, 90), (125, 0) })
        {
            await using var connection = await RawConnection.ConnectAsync(endpoint);
            await connection.SendAsync(new byte[] { 0, 0, 0, 11, 0, key, 0, version, 0, 0, 0, 42, 0, 0, 0 });
            Assert.Null(await connection.FrameAsync());
        }
    }

    [Fact]
    public async Task What_needs_no_answer_gets_none()
    {
        await using var client = target.Client();
        var partition = await TopicAsync(client);
        var leader = (await client.ConnectToBrokerAsync(await client.GetLeaderAsync(partition, Stop), Stop)).Endpoint;
        await using var connection = await RawConnection.ConnectAsync(leader);
        using var writer = new WireWriter();
        KafkaFrame.WriteRequest(
            writer, ProduceRequest.ApiKey, 9, 1, "raw", new ProduceRequest { Acks = 0, TopicData = [new() { Name = partition.Topic, PartitionData = [new() { Index = 0, Records = Batches.Of("silent") }] }] });
        await connection.SendAsync(writer.Written);

        // The next frame that comes is the next request's.
        Assert.NotNull(await connection.AskAsync(new MetadataRequest { Topics = [] }, 12));
        await Eventually.HoldsAsync(async () => (await ValuesAsync(client, partition)).SequenceEqual(["silent"]));
    }

    private static IEnumerable<long> Offsets(FetchResponse.PartitionData data) =>
        RecordBatchReader.ReadBatches(data.Records.GetValueOrDefault()).Select(batch => batch.Header.BaseOffset).ToList();
}
