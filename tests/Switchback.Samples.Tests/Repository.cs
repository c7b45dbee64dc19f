namespace Switchback.Samples.Tests;

/// <summary>Where things are, found from where the tests run.</summary>
internal static class Repository
{
    public static string Root { get; } = Above(AppContext.BaseDirectory);

    /// <summary>A sample as it was built with these tests.</summary>
    public static string Sample(string project, string program)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Split('_')[0];
        return Directory.GetDirectories(Path.Combine(Root, "artifacts", "bin", project), configuration + "*")
            .Select(d => Path.Combine(d, program)).Single(File.Exists);
    }

    private static string Above(string directory) => File.Exists(Path.Combine(directory, "Switchback.slnx"))
        ? directory
        : Above(Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests do not run inside the repository"));
}
