namespace Switchback.Drills.Scenarios;

/// <summary>A scenario file that cannot be played: every error in it, each with file, line, key and what would be right.</summary>
public sealed class ScenarioException : Exception
{
    /// <summary>Creates the exception from all errors found.</summary>
    public ScenarioException(IReadOnlyList<string> errors)
        : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>One line an error, in the order of the file.</summary>
    public IReadOnlyList<string> Errors { get; }
}
