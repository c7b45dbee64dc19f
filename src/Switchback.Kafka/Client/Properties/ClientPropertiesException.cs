namespace Switchback.Kafka.Client.Properties;

/// <summary>Client properties that cannot be used, with everything that is wrong with them.</summary>
public sealed class ClientPropertiesException : Exception
{
    /// <summary>Creates one without errors.</summary>
    public ClientPropertiesException()
    {
    }

    /// <summary>Creates one with a single error.</summary>
    public ClientPropertiesException(string message)
        : base(message) => Errors = [message];

    /// <summary>Creates one with the failure beneath it.</summary>
    public ClientPropertiesException(string message, Exception innerException)
        : base(message, innerException) => Errors = [message];

    /// <summary>Creates one with all errors.</summary>
    public ClientPropertiesException(IReadOnlyList<string> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>The errors, each with file, line, key and what would be right.</summary>
    public IReadOnlyList<string> Errors { get; } = [];
}
