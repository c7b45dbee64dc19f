namespace Switchback.Mirror.Writing;

/// <summary>What a producer writes as.</summary>
internal readonly record struct ProducerIdentity(long Id, short Epoch)
{
    public static ProducerIdentity None { get; } = new(-1, -1);
}
