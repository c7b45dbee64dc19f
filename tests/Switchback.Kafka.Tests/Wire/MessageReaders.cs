using System.Collections.Concurrent;
using Switchback.Kafka.Generator.Model;
using Switchback.Kafka.Tests.Schema;
using Switchback.Kafka.Wire;

namespace Switchback.Kafka.Tests.Wire;

/// <summary>The static <c>Read</c> of any generated message, called by its schema.</summary>
internal static class MessageReaders
{
    private delegate IKafkaMessage Reader(ref WireReader reader, short version);

    private static readonly ConcurrentDictionary<string, Reader> Readers = new();

    public static IKafkaMessage Read(Message message, ref WireReader reader, short version) =>
        Readers.GetOrAdd(message.ClassName, static (_, m) => MessageFiller.ClassOf(m).GetMethod("Read")!.CreateDelegate<Reader>(), message)(ref reader, version);
}
