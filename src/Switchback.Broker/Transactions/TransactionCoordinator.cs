using Switchback.Broker.Topics;
using Switchback.Kafka;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Transactions;

internal sealed class TransactionCoordinator(Cluster cluster)
{
    public KafkaError CheckProduce(string? id, in RecordBatchHeader header, Partition partition, short version) { _ = cluster; return KafkaError.None; }
    public void AbortTimedOut() => _ = cluster;
}
