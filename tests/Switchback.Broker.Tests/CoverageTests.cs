using System.Globalization;
using System.Text;
using Switchback.Broker.Tests.Protocol;
using Switchback.Kafka;

namespace Switchback.Broker.Tests;

/// <summary>Holds <c>docs/kafka-coverage.md</c> to the handler table. With SWITCHBACK_WRITE_DOCS=1 it writes the page instead.</summary>
public sealed class CoverageTests(EmbeddedTarget target) : IClassFixture<EmbeddedTarget>
{
    [Fact]
    public void The_page_says_what_is_served()
    {
        var page = Path.Combine(Root(), "docs", "kafka-coverage.md");
        var table = Table();
        if (Environment.GetEnvironmentVariable("SWITCHBACK_WRITE_DOCS") == "1")
            File.WriteAllText(page, table);
        Assert.Equal(table, File.ReadAllText(page));
    }

    private string Table()
    {
        var served = target.Cluster.Dispatcher.Handlers.ToDictionary(h => h.ApiKey);
        var text = new StringBuilder("""
            # The Kafka protocol: what the embedded cluster serves

            Generated from the handlers; a test keeps it up to date (`SWITCHBACK_WRITE_DOCS=1` writes it anew). The first column of versions is Apache Kafka 4.3's. What a handler leaves out
            within a version stands in its header.

            | key | API | Apache Kafka | embedded |
            |---|---|---|---|

            """);
        foreach (var api in ApiTable.All.OrderBy(a => a.Key))
        {
            var ours = served.TryGetValue(api.Key, out var handler) ? $"{handler.LowestVersion}-{handler.HighestVersion}" : "not served";
            text.Append(CultureInfo.InvariantCulture, $"| {api.Key} | {api.Name} | {api.LowestVersion}-{api.HighestVersion} | {ours} |\n");
        }

        return text.ToString();
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Switchback.slnx")))
            directory = directory.Parent ?? throw new DirectoryNotFoundException("the repository's root is above the tests");
        return directory.FullName;
    }
}
