namespace Switchback.Broker.Configuration;

/// <summary>A configuration that cannot be used, with everything that is wrong with it.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>Creates one without errors.</summary>
    public ConfigurationException()
    {
    }

    /// <summary>Creates one with a single error.</summary>
    public ConfigurationException(string message)
        : base(message) => Errors = [message];

    /// <summary>Creates one with a single error and what caused it.</summary>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException) => Errors = [message];

    /// <summary>Creates one with all errors, each a line that names file, line, key and what would be right.</summary>
    public ConfigurationException(IReadOnlyList<string> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>What is wrong, each in a line of its own.</summary>
    public IReadOnlyList<string> Errors { get; } = [];
}
