namespace Switchback.Testing;

/// <summary>The product that tests start as a process.</summary>
public static class BuiltProgram
{
    /// <summary>The program as it was published, or as it was last built, whichever is younger; the test is skipped where there is none.</summary>
    public static string Path()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var artifacts = System.IO.Path.Combine(directory.FullName, "artifacts");
            if (!Directory.Exists(artifacts))
                continue;
            var built = System.IO.Path.Combine(artifacts, "bin", "Switchback");
            var candidates = new[] { System.IO.Path.Combine(artifacts, "app", "switchback") }
                .Concat(Directory.Exists(built) ? Directory.GetFiles(built, "switchback", SearchOption.AllDirectories) : []);
            if (candidates.Where(File.Exists).MaxBy(File.GetLastWriteTimeUtc) is { } program)
                return program;
        }

        Assert.Skip("the program is not built: ./switchback builds it");
        return "";
    }
}
