using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Switchback.Kafka.Client;
using Switchback.Kafka.Records;

namespace Switchback.Drills.Ledger;

/// <summary>
/// Reads a cluster whole: every partition of its topics from the log's start to the high watermark at which the reading began, as an ordinary
/// reader of committed records sees it: an open transaction is waited for. Every batch's checksum is verified: what cannot be read is an error, never a record fewer.
/// </summary>
/// <param name="cluster">The cluster's name in the scenario.</param>
/// <param name="client">A client of it; stays open.</param>
/// <param name="concerns">Which topics; internal ones are never read.</param>
internal sealed class ClusterReader(string cluster, ClusterClient client, Func<string, bool> concerns)
{
    private const int MaxEmptyFetches = 20;

    private static readonly FetchSettings Settings = new() { Isolation = IsolationLevel.ReadCommitted };

    /// <exception cref="InvalidDataException">A batch is damaged, or the end that the cluster named is never reached.</exception>
    /// <exception cref="KafkaErrorException">The cluster refused to be read.</exception>
    /// <exception cref="KafkaConnectionException">It could not be reached before the client's deadline.</exception>
    public async IAsyncEnumerable<ClusterRecord> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var metadata = await client.RefreshMetadataAsync(null, cancellation);
        List<TopicPartition> partitions =
        [
            .. metadata.Topics.Values.Where(topic => !topic.IsInternal && !topic.Name.StartsWith("__", StringComparison.Ordinal) && concerns(topic.Name))
                .OrderBy(topic => topic.Name, StringComparer.Ordinal)
                .SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.Index))),
        ];
        if (partitions.Count == 0)
        {
            yield break;
        }

        var ends = await client.ListOffsetsAsync(partitions, OffsetPlace.Latest, IsolationLevel.ReadUncommitted, cancellation);
        var starts = await client.ListOffsetsAsync(partitions, OffsetPlace.Earliest, IsolationLevel.ReadUncommitted, cancellation);
        foreach (var partition in partitions)
        {
            await foreach (var record in ReadAsync(partition, starts[partition].Offset, ends[partition].Offset, cancellation))
            {
                yield return record;
            }
        }
    }

    private async IAsyncEnumerable<ClusterRecord> ReadAsync(
        TopicPartition partition, long start, long end, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var position = start;
        var empty = 0;
        while (position < end)
        {
            var fetched = await client.FetchAsync(new FetchPosition(partition, position), Settings, cancellation);
            var committed = new CommittedBatches(fetched.Data.AbortedTransactions);
            var before = position;
            foreach (var batch in RecordBatchReader.ReadBatches(fetched.Data.Records ?? default))
            {
                if (!batch.IsCrcValid)
                {
                    throw new InvalidDataException($"{cluster}: the batch at {partition}@{batch.Header.BaseOffset} has a wrong checksum");
                }

                var first = position;
                position = Math.Max(position, batch.Header.NextOffset);
                if (!committed.Takes(batch))
                {
                    continue;
                }

                foreach (var record in batch.ReadRecords().Where(record => record.Offset >= first && record.Offset < end))
                {
                    yield return Describe(partition, record);
                }
            }

            empty = position == before ? empty + 1 : 0;
            if (empty > MaxEmptyFetches)
            {
                throw new InvalidDataException(
                    $"{cluster}: {partition} ends at {end}, and committed records can be read to {position} only: a transaction is open there");
            }
        }
    }

    private ClusterRecord Describe(TopicPartition partition, Record record) => new(
        cluster, partition.Topic, partition.Partition, record.Offset, IdOf(record.Value),
        record.Key is { } key ? Encoding.UTF8.GetString(key.Span) : null, record.Timestamp);

    /// <summary>The <c>id</c> of a JSON object; null for any other value.</summary>
    internal static string? IdOf(ReadOnlyMemory<byte>? value)
    {
        if (value is not { Length: > 0 } bytes || bytes.Span[0] != (byte)'{')
        {
            return null;
        }

        try
        {
            var json = new Utf8JsonReader(bytes.Span);
            json.Read();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var found = json.ValueTextEquals("id"u8);
                json.Read();
                if (found)
                {
                    return json.TokenType == JsonTokenType.String ? json.GetString() : null;
                }

                json.Skip();
            }

            return null;
        }
        catch (JsonException)
        {
            // Not JSON after all: someone else's record.
            return null;
        }
        catch (InvalidOperationException)
        {
            // An id that is no valid UTF-8.
            return null;
        }
    }
}
