using Switchback.Broker.Network;
using Switchback.Broker.Transactions;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>ListTransactions 0-1: the transactional ids this broker coordinates. Left out: patterns of version 2.</summary>
internal sealed class ListTransactionsHandler(Cluster cluster) : RequestHandler<ListTransactionsRequest, ListTransactionsResponse>
{
    public override short HighestVersion => 1;

    protected override ValueTask<ListTransactionsResponse?> HandleAsync(ListTransactionsRequest request, RequestContext context)
    {
        var response = new ListTransactionsResponse
        {
            UnknownStateFilters = [.. request.StateFilters.Where(f => !Enum.GetNames<TransactionState>().Contains(f))],
        };
        foreach (var transaction in cluster.Transactions.All.Where(t => cluster.Transactions.Check(t.Id, context.Broker) == KafkaError.None))
        {
            // As in Apache Kafka, one that never began anything has been there for longer than any duration asked for.
            lock (transaction.Gate)
            {
                var state = transaction.State.ToString();
                if ((request.StateFilters.Count == 0 || request.StateFilters.Contains(state))
                    && (request.ProducerIdFilters.Count == 0 || request.ProducerIdFilters.Contains(transaction.ProducerId))
                    && (request.DurationFilter < 0 || cluster.Now - transaction.StartedAt > request.DurationFilter))
                    response.TransactionStates.Add(new() { TransactionalId = transaction.Id, ProducerId = transaction.ProducerId, TransactionState = state });
            }
        }

        return new(response);
    }
}
