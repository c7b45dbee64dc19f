using Switchback.Kafka.Wire;

namespace Switchback.Kafka;

/// <summary>Anything of the Kafka protocol that can be written at a version of its own.</summary>
public interface IKafkaMessage
{
    /// <summary>Writes the body, without frame length or header, at <paramref name="version"/>.</summary>
    /// <exception cref="InvalidOperationException">A value is set that the version cannot carry, or there is no such version.</exception>
    void Write(WireWriter writer, short version);
}

/// <summary>A message that can also be read.</summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public interface IKafkaMessage<TSelf> : IKafkaMessage
    where TSelf : IKafkaMessage<TSelf>
{
    /// <summary>Reads the body at <paramref name="version"/>. On malformed input the reader carries a failure and the result is to be dropped.</summary>
    static abstract TSelf Read(ref WireReader reader, short version);
}
