using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Kafka.Tests.Live;

/// <summary>Requests through coordinators, and the control batches a real one writes.</summary>
[Collection(ApacheKafkaCollection.Name)]
public class CoordinatorTests(SecureApacheKafkaBroker broker)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_transaction_ends_with_a_marker_that_reads_as_what_it_was(bool commit)
    {
        await using var client = Connect();
        var transaction = "transaction-" + Guid.NewGuid().ToString("N");
        var partition = new TopicPartition(transaction, 0);
        await client.CreateTopicsAsync([new NewTopic(transaction, 1, 1)], Cancellation);

        var producer = await client.SendToCoordinatorAsync(
            CoordinatorType.Transaction, transaction,
            new InitProducerIdRequest { TransactionalId = transaction, TransactionTimeoutMs = 60_000, ProducerId = -1, ProducerEpoch = -1 },
            response => response.ErrorCode, Cancellation);
        Assert.Equal(KafkaError.None, producer.ErrorCode);

        var coordinator = await client.ConnectToCoordinatorAsync(CoordinatorType.Transaction, transaction, Cancellation);
        var added = await coordinator.SendAsync(
            new AddPartitionsToTxnRequest
            {
                V3AndBelowTransactionalId = transaction,
                V3AndBelowProducerId = producer.ProducerId,
                V3AndBelowProducerEpoch = producer.ProducerEpoch,
                V3AndBelowTopics = [new() { Name = transaction, Partitions = [0] }],
            }, 3, Cancellation);
        Assert.Equal(KafkaError.None, added.ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);

        using var builder = new RecordBatchBuilder
        {
            ProducerId = producer.ProducerId,
            ProducerEpoch = producer.ProducerEpoch,
            BaseSequence = 0,
            Attributes = BatchAttributes.Transactional,
        };
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, new byte[10]);
        await client.ProduceAsync(partition, builder.Build(), transaction, Cancellation);
        var ended = await client.SendToCoordinatorAsync(
            CoordinatorType.Transaction, transaction,
            new EndTxnRequest { TransactionalId = transaction, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Committed = commit },
            response => response.ErrorCode, Cancellation);
        Assert.Equal(KafkaError.None, ended.ErrorCode);

        var marker = await ReadBatchAsync(client, partition, 1);
        Assert.True(marker.IsCrcValid && marker.Header is { IsControl: true, IsTransactional: true });
        Assert.Equal(producer.ProducerId, marker.Header.ProducerId);
        Assert.True(TransactionMarker.TryRead(marker, out var read));
        Assert.Equal(commit, read.Commit);
        Assert.Equal(
            marker.Bytes.Length,
            read.Build(marker.Header.ProducerId, marker.Header.ProducerEpoch, marker.Header.MaxTimestamp).Length);
    }

    [Fact]
    public async Task A_groups_offsets_are_committed_and_read_back()
    {
        await using var client = Connect();
        var group = "group-" + Guid.NewGuid().ToString("N");
        await client.CreateTopicsAsync([new NewTopic(group, 2, 1)], Cancellation);
        var id = await client.GetTopicIdAsync(group, Cancellation);
        var commit = new OffsetCommitRequest
        {
            GroupId = group,
            Topics = [new() { Name = group, TopicId = id, Partitions = [new() { PartitionIndex = 1, CommittedOffset = 17, CommittedMetadata = "m" }] }],
        };
        var committed = await client.SendToCoordinatorAsync(
            CoordinatorType.Group, group, commit, response => response.Topics[0].Partitions[0].ErrorCode, Cancellation);
        Assert.Equal(KafkaError.None, committed.Topics[0].Partitions[0].ErrorCode);

        var fetch = new OffsetFetchRequest { Groups = [new() { GroupId = group, Topics = null }] };
        var fetched = await client.SendToCoordinatorAsync(CoordinatorType.Group, group, fetch, response => response.Groups[0].ErrorCode, Cancellation);
        var offset = Assert.Single(Assert.Single(fetched.Groups[0].Topics).Partitions);
        Assert.Equal((1, 17L, "m"), (offset.PartitionIndex, offset.CommittedOffset, offset.Metadata));
    }

    private ClusterClient Connect() => new(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(broker.Plaintext) });

    /// <summary>Fetches until the batch at an offset is there: a marker is written after the end of its transaction is acknowledged.</summary>
    private static async Task<RecordBatch> ReadBatchAsync(ClusterClient client, TopicPartition partition, long offset)
    {
        while (true)
        {
            var fetched = await client.FetchAsync(new FetchPosition(partition, offset), new FetchSettings(), Cancellation);
            if (RecordBatchReader.TryReadBatch(fetched.Data.Records.GetValueOrDefault(), out var batch))
                return batch;
        }
    }
}
