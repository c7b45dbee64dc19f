namespace Switchback.Mirror.Reading;

/// <summary>Whether the source answers, as its readers and the look for new topics see it.</summary>
internal sealed class SourceHealth
{
    private volatile string? _reading;
    private volatile string? _discovery;
    private volatile string? _settings;
    private volatile string? _growth;

    /// <summary>What is wrong now, or null.</summary>
    public string? Problem => _discovery ?? _reading;

    /// <summary>Why the settings of topics cannot be followed, or null.</summary>
    public string? Settings => _settings;

    /// <summary>Why the target cannot have as many partitions as the source, or null.</summary>
    public string? Growth => _growth;

    public void ReportGrowth(string? problem) => _growth = problem;

    public void ReportSettings(string problem) => _settings = problem;

    public void SettingsFollow() => _settings = null;

    public void ReportReading(string problem) => _reading = problem;

    public void ReadingWorks() => _reading = null;

    public void ReportDiscovery(string problem) => _discovery = problem;

    public void DiscoveryWorks() => _discovery = null;

    public void Clear() => _reading = _discovery = _settings = _growth = null;
}
