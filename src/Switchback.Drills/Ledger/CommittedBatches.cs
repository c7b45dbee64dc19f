using Switchback.Kafka.Messages;
using Switchback.Kafka.Records;

namespace Switchback.Drills.Ledger;

/// <summary>
/// Tells the committed batches of one fetch from aborted ones, as every reader of committed records has to: the response lists the aborted
/// transactions by producer and first offset, and a producer's marker ends its transaction.
/// </summary>
internal sealed class CommittedBatches(IEnumerable<FetchResponse.AbortedTransaction>? aborted)
{
    private readonly Queue<FetchResponse.AbortedTransaction> _waiting = new((aborted ?? []).OrderBy(transaction => transaction.FirstOffset));
    private readonly HashSet<long> _aborting = [];

    /// <summary>Whether an ordinary reader sees the batch's records. To be asked for each batch, in order.</summary>
    public bool Takes(RecordBatch batch)
    {
        while (_waiting.TryPeek(out var next) && next.FirstOffset <= batch.Header.LastOffset)
        {
            _aborting.Add(_waiting.Dequeue().ProducerId);
        }

        if (batch.Header.IsControl)
        {
            if (TransactionMarker.TryRead(batch, out var marker) && !marker.Commit)
            {
                _aborting.Remove(batch.Header.ProducerId);
            }

            return false;
        }

        return !batch.Header.IsTransactional || !_aborting.Contains(batch.Header.ProducerId);
    }
}
