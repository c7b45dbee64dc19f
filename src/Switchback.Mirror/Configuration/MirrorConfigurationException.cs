namespace Switchback.Mirror.Configuration;

/// <summary>A mirror's configuration that cannot be used.</summary>
public sealed class MirrorConfigurationException : Exception
{
    /// <summary>Creates the exception from all errors found.</summary>
    public MirrorConfigurationException(IReadOnlyList<string> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>One line an error: file, line, key, what would be right.</summary>
    public IReadOnlyList<string> Errors { get; }
}
