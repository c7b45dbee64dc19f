using Switchback.Kafka.Wire;

namespace Switchback.Kafka;

/// <summary>A request, which knows the response that answers it.</summary>
/// <typeparam name="TSelf">The request itself.</typeparam>
/// <typeparam name="TResponse">Its response.</typeparam>
public interface IKafkaRequest<TSelf, TResponse> : IKafkaMessage<TSelf>
    where TSelf : IKafkaRequest<TSelf, TResponse>
{
    /// <summary>The API key.</summary>
    static abstract short ApiKey { get; }

    /// <summary>The lowest version this code can write and read.</summary>
    static abstract short LowestVersion { get; }

    /// <summary>The highest version this code can write and read.</summary>
    static abstract short HighestVersion { get; }

    /// <summary>Reads the body of the response at the request's version.</summary>
    static abstract TResponse ReadResponse(ref WireReader reader, short version);
}
