namespace Switchback.Kafka.Client;

/// <summary>A connection could not be made, was refused by the broker, or broke: everything in flight on it has an unknown outcome.</summary>
public sealed class KafkaConnectionException : IOException
{
    /// <summary>Creates one without a message.</summary>
    public KafkaConnectionException()
    {
    }

    /// <summary>Creates one that says what happened.</summary>
    public KafkaConnectionException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with the failure beneath it.</summary>
    public KafkaConnectionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the broker refused the credentials: trying again will not help.</summary>
    public bool IsAuthenticationFailure { get; init; }
}
