using Switchback.Kafka;
using Switchback.Kafka.Client;
using Switchback.Kafka.Messages;
using Switchback.Mirror.Writing;

namespace Switchback.Mirror.Groups;

/// <summary>
/// Commits offsets for a group that is gathering its members. Plain commits from outside are refused as long as the group has any, and after a failback it always
/// has: the one that died with the cluster, and the one that waits for it to expire. A transactional commit without a member id is taken (KIP-447), and since nobody
/// has an assignment while the group gathers, nobody is passed by: the members read the offsets after it, and wait for a transaction that is open.
/// </summary>
internal sealed class GroupTransaction(ClusterClient target, string transactionalId)
{
    private const int TransactionTimeoutMs = 10_000;

    // Later versions belong to transactions that change their epoch at each end (KIP-890).
    private const short AddOffsetsVersion = 3;
    private const short CommitVersion = 3;
    private const short EndVersion = 4;

    private readonly TransactionRequests _coordinator = new(target, transactionalId);

    /// <returns>The partitions whose offsets were taken.</returns>
    /// <exception cref="KafkaErrorException">The target refused the transaction; nothing was committed.</exception>
    public async Task<IReadOnlyCollection<TopicPartition>> CommitAsync(
        string group, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken cancellation)
    {
        // A new epoch each time: whatever an earlier one left open is aborted by it.
        var given = await _coordinator.AskAsync(
            new InitProducerIdRequest { TransactionalId = transactionalId, TransactionTimeoutMs = TransactionTimeoutMs },
            InitProducerIdRequest.HighestVersion, r => r.ErrorCode, cancellation).ConfigureAwait(false);
        ThrowIfFailed(given.ErrorCode, group);
        var (id, epoch) = (given.ProducerId, given.ProducerEpoch);
        var added = await _coordinator.AskAsync(
            new AddOffsetsToTxnRequest { TransactionalId = transactionalId, ProducerId = id, ProducerEpoch = epoch, GroupId = group },
            AddOffsetsVersion, r => r.ErrorCode, cancellation).ConfigureAwait(false);
        ThrowIfFailed(added.ErrorCode, group);

        var taken = await WriteAsync(group, id, epoch, offsets, cancellation).ConfigureAwait(false);

        // Answered before it is done; asked again it is refused as concurrent until it is.
        for (var i = 0; i < 2; i++)
        {
            var ended = await _coordinator.AskAsync(
                new EndTxnRequest { TransactionalId = transactionalId, ProducerId = id, ProducerEpoch = epoch, Committed = true },
                EndVersion, r => r.ErrorCode, cancellation).ConfigureAwait(false);
            ThrowIfFailed(ended.ErrorCode, group);
        }

        return taken;
    }

    private static void ThrowIfFailed(KafkaError error, string group)
    {
        if (error != KafkaError.None)
            throw new KafkaErrorException(error, $"commit offsets of group {group} in a transaction");
    }

    private async Task<IReadOnlyCollection<TopicPartition>> WriteAsync(
        string group, long id, short epoch, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken cancellation)
    {
        var connection = await target.ConnectToCoordinatorAsync(CoordinatorType.Group, group, cancellation).ConfigureAwait(false);
        var request = new TxnOffsetCommitRequest
        {
            TransactionalId = transactionalId,
            GroupId = group,
            ProducerId = id,
            ProducerEpoch = epoch,
            Topics = [.. offsets.GroupBy(o => o.Key.Topic).Select(topic => new TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(o => new TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition
                {
                    PartitionIndex = o.Key.Partition,
                    CommittedOffset = o.Value.Offset,
                    CommittedMetadata = o.Value.Metadata ?? "",
                })],
            })],
        };
        var version = Math.Min(CommitVersion, connection.NegotiatedVersion(request));
        var response = await connection.SendAsync(request, version, cancellation).ConfigureAwait(false);
        return
        [
            .. response.Topics.SelectMany(topic => topic.Partitions
                .Where(partition => partition.ErrorCode == KafkaError.None)
                .Select(partition => new TopicPartition(topic.Name, partition.PartitionIndex))),
        ];
    }
}
