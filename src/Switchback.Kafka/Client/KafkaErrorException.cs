namespace Switchback.Kafka.Client;

/// <summary>A broker answered with an error code.</summary>
public sealed class KafkaErrorException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public KafkaErrorException()
    {
    }

    /// <summary>Creates one with a message only.</summary>
    public KafkaErrorException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with the failure beneath it.</summary>
    public KafkaErrorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates one for an error code.</summary>
    /// <param name="error">The code.</param>
    /// <param name="what">What was asked, such as <c>produce to orders-3</c>.</param>
    /// <param name="detail">The broker's own message, if it sent one.</param>
    public KafkaErrorException(KafkaError error, string what, string? detail = null)
        : base($"{what}: {error} ({(short)error}){(string.IsNullOrEmpty(detail) ? "" : ": " + detail)}") => Error = error;

    /// <summary>The code.</summary>
    public KafkaError Error { get; }
}
