using System.Text.Json;

namespace Switchback.EndToEnd.Tests;

/// <summary>A folder for one drill's report, gone with the test.</summary>
internal sealed class ReportFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("switchback-report-").FullName;

    public JsonDocument Verdict() => JsonDocument.Parse(File.ReadAllText(System.IO.Path.Combine(Path, "verdict.json")));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
