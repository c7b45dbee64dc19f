using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>DescribeTransactions 0.</summary>
internal sealed class DescribeTransactionsHandler(Cluster cluster) : RequestHandler<DescribeTransactionsRequest, DescribeTransactionsResponse>
{
    protected override ValueTask<DescribeTransactionsResponse?> HandleAsync(DescribeTransactionsRequest request, RequestContext context)
    {
        var response = new DescribeTransactionsResponse();
        foreach (var id in request.TransactionalIds)
            response.TransactionStates.Add(Describe(id, context));
        return new(response);
    }

    private DescribeTransactionsResponse.TransactionStateData Describe(string id, RequestContext context)
    {
        var answer = new DescribeTransactionsResponse.TransactionStateData { TransactionalId = id, ErrorCode = cluster.Transactions.Check(id, context.Broker) };
        if (answer.ErrorCode != KafkaError.None)
            return answer;
        if (cluster.Transactions.Find(id) is not { } transaction)
        {
            answer.ErrorCode = KafkaError.TransactionalIdNotFound;
            return answer;
        }

        lock (transaction.Gate)
        {
            answer.TransactionState = transaction.State.ToString();
            answer.TransactionTimeoutMs = transaction.TimeoutMs;
            answer.TransactionStartTimeMs = transaction.StartedAt;
            answer.ProducerId = transaction.ProducerId;
            answer.ProducerEpoch = transaction.Epoch;
            foreach (var topic in transaction.Partitions.GroupBy(p => p.Topic))
                answer.Topics.Add(new() { Topic = topic.Key, Partitions = [.. topic.Select(p => p.Partition)] });
        }

        return answer;
    }
}
