using Switchback.Kafka.Messages;

namespace Switchback.Kafka.Client;

/// <content>Producing record batches as they are.</content>
public sealed partial class ClusterClient
{
    /// <summary>
    /// Produces one batch to one partition with acks=all and awaits the acknowledgement. It is tried again on retriable errors and broken
    /// connections, so give it an idempotent producer's id and sequence where a duplicate matters.
    /// </summary>
    /// <param name="partition">Where to.</param>
    /// <param name="batch">One whole record batch, magic 2.</param>
    /// <param name="transactionalId">The transaction it belongs to, or null.</param>
    /// <param name="cancellation">Gives up; the outcome is then unknown.</param>
    /// <exception cref="KafkaErrorException">The broker refused it.</exception>
    public Task<ProduceResponse.PartitionProduceResponse> ProduceAsync(
        TopicPartition partition, ReadOnlyMemory<byte> batch, string? transactionalId, CancellationToken cancellation) =>
        RetryAsync($"produce to {partition}", async ct =>
        {
            var leader = await GetLeaderAsync(partition, ct).ConfigureAwait(false);
            var connection = await ConnectToBrokerAsync(leader, ct).ConfigureAwait(false);
            var version = connection.NegotiatedVersion(ProduceRequest.ApiKey);
            var topic = new ProduceRequest.TopicProduceData
            {
                Name = partition.Topic,
                TopicId = version >= 13 ? await GetTopicIdAsync(partition.Topic, ct).ConfigureAwait(false) : Guid.Empty,
                PartitionData = [new ProduceRequest.PartitionProduceData { Index = partition.Partition, Records = batch }],
            };
            var request = new ProduceRequest
            {
                Acks = -1,
                TimeoutMs = (int)_options.RequestTimeout.TotalMilliseconds,
                TransactionalId = transactionalId,
                TopicData = [topic],
            };
            var response = await connection.SendAsync(request, version, ct).ConfigureAwait(false);
            var answer = response.Responses.SelectMany(t => t.PartitionResponses).FirstOrDefault(p => p.Index == partition.Partition)
                ?? throw new KafkaErrorException(KafkaError.UnknownServerError, $"produce to {partition}", "the response leaves it out");
            return answer.ErrorCode == KafkaError.None
                ? answer
                : throw new KafkaErrorException(answer.ErrorCode, $"produce to {partition}", answer.ErrorMessage);
        }, cancellation, [partition.Topic]);
}
