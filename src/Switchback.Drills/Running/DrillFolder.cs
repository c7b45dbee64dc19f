using System.Globalization;

namespace Switchback.Drills.Running;

/// <summary>
/// Where the parts of a drill keep their state: a temporary folder that is gone with the drill. What a killed drill left is removed by the next one.
/// </summary>
internal sealed class DrillFolder : IDisposable
{
    private const string Prefix = "switchback-drill-";

    /// <param name="report">Where the parts' logs go: they are wanted after the drill.</param>
    public DrillFolder(string report)
    {
        Logs = Directory.CreateDirectory(System.IO.Path.Combine(report, "logs")).FullName;
        RemoveAbandoned();
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        try
        {
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DrillException($"cannot write to the temporary folder: {error.Message}; set TMPDIR to one with some hundred MB");
        }
    }

    public string Path { get; }

    /// <summary>A folder of this name below, created when it is not there.</summary>
    public string Of(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    /// <summary>The folder of the parts' logs.</summary>
    public string Logs { get; }

    /// <summary>The log of a part, whatever it writes on its standard error; begun anew by each drill.</summary>
    public string LogOf(string part)
    {
        var path = System.IO.Path.Combine(Logs, part + ".log");
        File.Delete(path);
        return path;
    }

    public void Dispose() => Remove(Path);

    private static void RemoveAbandoned()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            var owner = System.IO.Path.GetFileName(folder)[Prefix.Length..];
            if (!Directory.Exists($"/proc/{owner}"))
            {
                Remove(folder);
            }
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another user's, or a file that a part is just closing: the next drill tries again.
            Console.Error.WriteLine($"switchback: {folder} could not be removed: {error.Message}");
        }
    }
}
