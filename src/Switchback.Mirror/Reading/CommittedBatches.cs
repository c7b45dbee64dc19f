using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Mirror.Reading;

/// <summary>
/// Tells the batches to copy from those a reader of committed records never sees: control batches, and batches of the aborted transactions
/// that a fetch response lists by producer and first offset.
/// </summary>
internal sealed class CommittedBatches(IReadOnlyList<FetchResponse.AbortedTransaction>? aborted)
{
    private readonly Queue<FetchResponse.AbortedTransaction> _coming = new((aborted ?? []).OrderBy(transaction => transaction.FirstOffset));
    private readonly HashSet<long> _aborting = [];

    /// <summary>Whether the batch is to be copied. To be asked for each batch of the response, in order.</summary>
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
