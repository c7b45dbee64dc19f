using System.Globalization;
using System.Text;
using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;
using Record = Switchback.Kafka.Records.Record;

namespace Switchback.Mirror.Tests.Copying;

/// <summary>Writes and reads whole topics.</summary>
internal static class TopicData
{
    // Of today: older records may be deleted by the default retention before they are copied.
    private static readonly long Start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    public static ClusterClient Connect(string bootstrap) => new(new ClusterClientOptions { Bootstrap = KafkaEndpoint.ParseList(bootstrap), Deadline = TimeSpan.FromSeconds(30) });

    /// <summary>A batch of records numbered from <paramref name="first"/>, with all that a record can have.</summary>
    public static byte[] Batch(int first, int count, CompressionCodec codec = CompressionCodec.None)
    {
        using var builder = new RecordBatchBuilder { Codec = codec };
        Fill(builder, first, count);
        return builder.Build();
    }

    public static void Fill(RecordBatchBuilder builder, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            var text = i.ToString(CultureInfo.InvariantCulture);
            ReadOnlyMemory<byte>? key = i % 5 == 0 ? null : Encoding.UTF8.GetBytes("key" + text);
            ReadOnlyMemory<byte>? value = i % 7 == 0 ? null : Encoding.UTF8.GetBytes("value " + text);
            RecordHeader[] headers = i % 3 == 0 ? [new RecordHeader("h", Encoding.UTF8.GetBytes(text)), new RecordHeader("h", null)] : [];
            builder.Append(Start + (i * 13L % 1000), key, value, headers);
        }
    }

    /// <summary>What a reader of committed records sees of a partition: each record as one line without its offset.</summary>
    public static async Task<List<string>> ReadAsync(ClusterClient client, TopicPartition partition) =>
        [.. (await ReadRecordsAsync(client, partition)).Select(Describe)];

    public static async Task<List<Record>> ReadRecordsAsync(ClusterClient client, TopicPartition partition)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var records = new List<Record>();
        await client.RefreshMetadataAsync([partition.Topic], cancellation);
        var end = (await client.ListOffsetsAsync([partition], OffsetPlace.Latest, IsolationLevel.ReadCommitted, cancellation))[partition].Offset;
        var position = (await client.ListOffsetsAsync([partition], OffsetPlace.Earliest, IsolationLevel.ReadUncommitted, cancellation))[partition].Offset;
        while (position < end)
        {
            var fetched = await client.FetchAsync(new FetchPosition(partition, position), new FetchSettings { Isolation = IsolationLevel.ReadCommitted }, cancellation);
            var aborted = (fetched.Data.AbortedTransactions ?? []).OrderBy(t => t.FirstOffset).ToList();
            var aborting = new HashSet<long>();
            foreach (var batch in RecordBatchReader.ReadBatches(fetched.Data.Records ?? default))
            {
                Assert.True(batch.IsCrcValid);
                foreach (var transaction in aborted.Where(t => t.FirstOffset <= batch.Header.LastOffset).ToList())
                {
                    aborting.Add(transaction.ProducerId);
                    aborted.Remove(transaction);
                }

                if (batch.Header.IsControl)
                    aborting.Remove(batch.Header.ProducerId);
                else if (!batch.Header.IsTransactional || !aborting.Contains(batch.Header.ProducerId))
                    records.AddRange(batch.ReadRecords().Where(r => r.Offset >= position));
                position = Math.Max(position, batch.Header.NextOffset);
            }
        }

        return records;
    }

    public static string Describe(Record record) =>
        $"{record.Timestamp} {Text(record.Key)} {Text(record.Value)} [{string.Join(',', record.Headers.Select(h => $"{h.Key}={Text(h.Value)}"))}]";

    /// <summary>A transaction of one batch.</summary>
    public static async Task TransactAsync(ClusterClient client, string id, TopicPartition partition, int first, int count, bool commit)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var producer = await AskAsync(client, id, new InitProducerIdRequest { TransactionalId = id, TransactionTimeoutMs = 60_000 }, 4, r => r.ErrorCode);
        var topic = new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic { Name = partition.Topic, Partitions = [partition.Partition] };
        await AskAsync(client, id, new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = id,
            V3AndBelowProducerId = producer.ProducerId,
            V3AndBelowProducerEpoch = producer.ProducerEpoch,
            V3AndBelowTopics = [topic],
        }, 3, r => r.ResultsByTopicV3AndBelow[0].ResultsByPartition[0].PartitionErrorCode);
        using var builder = new RecordBatchBuilder
        {
            ProducerId = producer.ProducerId,
            ProducerEpoch = producer.ProducerEpoch,
            BaseSequence = 0,
            Attributes = BatchAttributes.Transactional,
        };
        Fill(builder, first, count);
        await client.ProduceAsync(partition, builder.Build(), id, cancellation);
        await AskAsync(client, id, new EndTxnRequest { TransactionalId = id, ProducerId = producer.ProducerId, ProducerEpoch = producer.ProducerEpoch, Committed = commit }, 4, r => r.ErrorCode);
    }

    private static string Text(ReadOnlyMemory<byte>? bytes) => bytes is { } there ? Encoding.UTF8.GetString(there.Span) : "null";

    private static async Task<TResponse> AskAsync<TRequest, TResponse>(
        ClusterClient client, string id, IKafkaRequest<TRequest, TResponse> request, short highest, Func<TResponse, KafkaError> errorOf)
        where TRequest : IKafkaRequest<TRequest, TResponse>
    {
        TResponse? answer = default;
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                var connection = await client.ConnectToCoordinatorAsync(CoordinatorType.Transaction, id, TestContext.Current.CancellationToken);
                answer = await connection.SendAsync(request, Math.Min(highest, connection.NegotiatedVersion(request)), TestContext.Current.CancellationToken);
                return !errorOf(answer).IsRetriable();
            }
            catch (KafkaErrorException e) when (e.Error.IsRetriable())
            {
                return false;
            }
        }, typeof(TRequest).Name);
        Assert.Equal(KafkaError.None, errorOf(answer!));
        return answer!;
    }
}
