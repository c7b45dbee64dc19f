namespace Switchback.Mirror.Reading;

/// <summary>Whether the source answers, as its readers see it.</summary>
internal sealed class SourceHealth
{
    private volatile string? _problem;

    /// <summary>What is wrong now, or null.</summary>
    public string? Problem => _problem;

    public void Report(string problem) => _problem = problem;

    public void Clear() => _problem = null;
}
