using System.Text;
using Switchback.Kafka.Records;

namespace Switchback.Broker.Tests.Storage;

/// <summary>Record batches as clients send them.</summary>
internal static class Batches
{
    public static byte[] Of(params string[] values) => Build(null, -1, -1, -1, values);

    public static byte[] At(long timestamp, params string[] values) => Build(timestamp, -1, -1, -1, values);

    public static byte[] From(long producerId, short epoch, int sequence, params string[] values) => Build(null, producerId, epoch, sequence, values);

    public static byte[] InTransaction(long producerId, short epoch, int sequence, params string[] values) =>
        Build(null, producerId, epoch, sequence, values, BatchAttributes.Transactional);

    private static byte[] Build(
        long? timestamp, long producerId, short epoch, int sequence, string[] values, BatchAttributes attributes = BatchAttributes.None)
    {
        using var builder = new RecordBatchBuilder { ProducerId = producerId, ProducerEpoch = epoch, BaseSequence = sequence, Attributes = attributes };
        foreach (var value in values)
            builder.Append(timestamp ?? DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, Encoding.UTF8.GetBytes(value));
        return builder.Build();
    }
}
