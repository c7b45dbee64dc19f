namespace Switchback.Broker.Topics;

/// <summary>Gives out producer ids, never the same twice: a block of a thousand is reserved in the journal before the first of it is used.</summary>
internal sealed class ProducerIds(TopicRegistry topics)
{
    private const int BlockSize = 1000;
    private readonly Lock _gate = new();
    private long _next = topics.NextProducerId;

    public long Next()
    {
        lock (_gate)
        {
            if (_next >= topics.NextProducerId)
                topics.ReserveProducerIds(_next + BlockSize);
            return _next++;
        }
    }
}
