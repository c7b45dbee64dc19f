using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Kafka.Client;

/// <summary>
/// Tells the batches of one partition's fetch that a reader of committed records (<c>isolation.level=read_committed</c>, KIP-98) sees from the others: control batches, and
/// batches of the aborted transactions, which the response lists by producer and first offset, and which that producer's marker ends.
/// </summary>
/// <param name="aborted">As the response has them; null where there are none.</param>
public sealed class CommittedBatches(IReadOnlyList<FetchResponse.AbortedTransaction>? aborted)
{
    private readonly Queue<FetchResponse.AbortedTransaction> _coming = new((aborted ?? []).OrderBy(transaction => transaction.FirstOffset));
    private readonly HashSet<long> _aborting = [];

    /// <summary>Whether the batch has records that such a reader sees. To be asked for each batch of the response, in order.</summary>
    public bool Takes(RecordBatch batch)
    {
        var header = batch.Header;
        while (_coming.TryPeek(out var next) && next.FirstOffset <= header.LastOffset)
            _aborting.Add(_coming.Dequeue().ProducerId);
        if (header.IsControl)
        {
            if (_aborting.Count > 0 && TransactionMarker.TryRead(batch, out var marker) && !marker.Commit)
                _aborting.Remove(header.ProducerId);
            return false;
        }

        return header.RecordsCount > 0 && !(header.IsTransactional && _aborting.Contains(header.ProducerId));
    }
}
