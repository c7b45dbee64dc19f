namespace Switchback.Kafka.Wire;

/// <summary>Bytes that are not what the protocol says they should be.</summary>
public sealed class WireFormatException : IOException
{
    /// <summary>Creates one without a message.</summary>
    public WireFormatException()
    {
    }

    /// <summary>Creates one that says what was found and where.</summary>
    public WireFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with the failure beneath it.</summary>
    public WireFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
