using Switchback.Broker.Network;
using Switchback.Broker.Storage;
using Switchback.Broker.Transactions;
using Switchback.Kafka;
using Switchback.Kafka.Messages;

namespace Switchback.Broker.Handlers;

/// <summary>InitProducerId 0-5, idempotent and transactional. Left out: two-phase commit of version 6 (KIP-939).</summary>
internal sealed class InitProducerIdHandler(Cluster cluster) : RequestHandler<InitProducerIdRequest, InitProducerIdResponse>
{
    public override short HighestVersion => 5;

    protected override ValueTask<InitProducerIdResponse?> HandleAsync(InitProducerIdRequest request, RequestContext context)
    {
        if (request.TransactionalId is not { } id)
        {
            var given = new InitProducerIdResponse { ProducerEpoch = 0 };
            given.ErrorCode = StorageGuard.Try(() => given.ProducerId = cluster.ProducerIds.Next());
            return new(given);
        }

        var error = cluster.Transactions.Check(id, context.Broker);
        if (error != KafkaError.None)
            return new(new InitProducerIdResponse { ErrorCode = error, ProducerEpoch = -1 });
        var identity = default(ProducerIdentity);
        error = StorageGuard.Try(() => identity = cluster.Transactions.Init(id, request.TransactionTimeoutMs, request.ProducerId, request.ProducerEpoch));
        if (error != KafkaError.None)
            return new(new InitProducerIdResponse { ErrorCode = error, ProducerEpoch = -1 });
        error = identity.Error == KafkaError.ProducerFenced && context.Version < 4 ? KafkaError.InvalidProducerEpoch : identity.Error;
        return new(new InitProducerIdResponse { ErrorCode = error, ProducerId = identity.ProducerId, ProducerEpoch = identity.Epoch });
    }
}
