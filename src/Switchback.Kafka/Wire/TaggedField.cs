namespace Switchback.Kafka.Wire;

/// <summary>A tagged field the schema does not know (KIP-482), kept so that it can be written back.</summary>
/// <param name="Tag">The tag number.</param>
/// <param name="Value">The value's bytes, without tag and size: a slice of the input.</param>
public readonly record struct TaggedField(uint Tag, ReadOnlyMemory<byte> Value);
