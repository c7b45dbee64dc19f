using Switchback.Broker.Network;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>EndTxn 0-4: commit or abort. Left out: version 5, which raises the epoch with each transaction (KIP-890), as its feature is not announced.</summary>
internal sealed class EndTxnHandler(Cluster cluster) : RequestHandler<EndTxnRequest, EndTxnResponse>
{
    public override short HighestVersion => 4;

    protected override ValueTask<EndTxnResponse?> HandleAsync(EndTxnRequest request, RequestContext context)
    {
        var error = cluster.Transactions.Check(request.TransactionalId, context.Broker);
        if (error == KafkaError.None)
            error = cluster.Transactions.End(request.TransactionalId, request.ProducerId, request.ProducerEpoch, request.Committed);
        if (error == KafkaError.ProducerFenced && context.Version < 2)
            error = KafkaError.InvalidProducerEpoch;
        return new(new EndTxnResponse { ErrorCode = error });
    }
}
