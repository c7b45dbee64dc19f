using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Tests.Settings;

public sealed class DocumentationTests
{
    private const string Begin = "<!-- flags: generated, see DocumentationTests -->\n";

    /// <summary>With UPDATE_DOCS=1 it writes the table instead.</summary>
    [Fact]
    public void TheTableOfFlagsIsTheCodes()
    {
        var file = Find();
        var text = File.ReadAllText(file);
        var start = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = text.IndexOf("<!-- end of flags -->", StringComparison.Ordinal);
        Assert.True(start >= Begin.Length && end >= start, $"{file} has no place for the table");
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, text[..start] + FlagTable.Markdown() + text[end..]);
            return;
        }

        Assert.Equal(FlagTable.Markdown(), text[start..end]);
    }

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Switchback.slnx")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("not inside the repository");
        }

        return Path.Combine(directory.FullName, "docs", "proxy.md");
    }
}
