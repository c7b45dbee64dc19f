using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;

namespace Switchback.Mirror.Writing;

/// <summary>
/// Makes this mirror the only writer of a link. A new producer epoch of the link's transactional id alone does not stop a mirror that already
/// writes; an empty transaction over the same partitions does: its markers carry the new epoch into each partition's log, and from then on
/// batches of an older epoch are refused. The data itself is then written outside transactions, idempotently, as the same producer.
/// </summary>
internal sealed class ProducerFence(ClusterClient target, string transactionalId)
{
    // A mirror killed between the two halves of the empty transaction holds its partitions' last stable offset for this long at most.
    private const int TransactionTimeoutMs = 10_000;

    // Later versions are for brokers (AddPartitionsToTxn), or end a transaction with an epoch of their own (EndTxn, KIP-890).
    private const short AddPartitionsVersion = 3;
    private const short EndTransactionVersion = 4;

    private readonly TransactionRequests _coordinator = new(target, transactionalId);
    private bool _transactionMayBeOpen;

    public ProducerIdentity Identity { get; private set; } = ProducerIdentity.None;

    /// <summary>Takes the link over; a mirror that had it before is refused by the coordinator from now on.</summary>
    /// <exception cref="FencedException">This mirror had it before, and another has taken it since.</exception>
    public async Task TakeOverAsync(CancellationToken cancellation)
    {
        // Only the first start of a process takes a link over from whoever has it. An unfinished transaction is aborted by the coordinator
        // with a newer epoch, which is not another mirror.
        var before = _transactionMayBeOpen ? ProducerIdentity.None : Identity;
        var request = new InitProducerIdRequest
        {
            TransactionalId = transactionalId,
            TransactionTimeoutMs = TransactionTimeoutMs,
            ProducerId = before.Id,
            ProducerEpoch = before.Epoch,
        };
        var response = await _coordinator.AskAsync(request, InitProducerIdRequest.HighestVersion, r => r.ErrorCode, cancellation).ConfigureAwait(false);
        ThrowIfFailed(response.ErrorCode, "take the link over");
        Identity = new ProducerIdentity(response.ProducerId, response.ProducerEpoch);
        _transactionMayBeOpen = false;
    }

    /// <summary>Writes this producer's epoch into the logs of the partitions.</summary>
    /// <exception cref="FencedException">Another mirror has taken the link over.</exception>
    public async Task FenceAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation)
    {
        if (partitions.Count == 0)
            return;
        var request = new AddPartitionsToTxnRequest
        {
            V3AndBelowTransactionalId = transactionalId,
            V3AndBelowProducerId = Identity.Id,
            V3AndBelowProducerEpoch = Identity.Epoch,
            V3AndBelowTopics = [.. partitions.GroupBy(p => p.Topic).Select(topic => new AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(p => p.Partition)],
            })],
        };
        _transactionMayBeOpen = true;
        var added = await _coordinator.AskAsync(request, AddPartitionsVersion, WorstOf, cancellation).ConfigureAwait(false);
        ThrowIfFailed(WorstOf(added), "fence the partitions");

        // EndTxn answers before the markers are written; asked again it is refused as concurrent until they are.
        var end = new EndTxnRequest { TransactionalId = transactionalId, ProducerId = Identity.Id, ProducerEpoch = Identity.Epoch, Committed = true };
        for (var i = 0; i < 2; i++)
        {
            var ended = await _coordinator.AskAsync(end, EndTransactionVersion, r => r.ErrorCode, cancellation).ConfigureAwait(false);
            ThrowIfFailed(ended.ErrorCode, "end the fencing transaction");
        }

        _transactionMayBeOpen = false;
    }

    private static KafkaError WorstOf(AddPartitionsToTxnResponse response) => response.ResultsByTopicV3AndBelow
        .SelectMany(topic => topic.ResultsByPartition)
        .Select(partition => partition.PartitionErrorCode)
        .Where(error => error is not (KafkaError.None or KafkaError.OperationNotAttempted))
        .FirstOrDefault(KafkaError.None);

    private void ThrowIfFailed(KafkaError error, string what)
    {
        if (error is KafkaError.ProducerFenced or KafkaError.InvalidProducerEpoch or KafkaError.InvalidProducerIdMapping)
            throw new FencedException($"another mirror has taken over the link ({transactionalId}, {error})");
        if (error != KafkaError.None)
            throw new KafkaErrorException(error, $"{what} as {transactionalId}");
    }
}
