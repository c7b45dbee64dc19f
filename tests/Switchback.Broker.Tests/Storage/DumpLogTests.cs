using Switchback.Broker.Tests.Protocol;

namespace Switchback.Broker.Tests.Storage;

/// <summary>Apache Kafka's dump-log reads what the embedded cluster wrote.</summary>
public sealed class DumpLogTests(EmbeddedTarget target) : IClassFixture<EmbeddedTarget>
{
    [Fact]
    public async Task Dump_log_reads_our_segments_and_finds_nothing_wrong()
    {
        await JavaAsync("topics", "--bootstrap-server", target.Bootstrap, "--create", "--topic", "dumped", "--config", "segment.bytes=1048576");
        await JavaAsync("producer-perf-test", "--topic", "dumped", "--num-records", "3000", "--record-size", "1000", "--throughput", "-1", "--command-property", "bootstrap.servers=" + target.Bootstrap);
        var partition = target.Cluster.Cluster.Topics.Find("dumped")!.Partitions[0];
        var files = Directory.GetFiles(partition.Log.DirectoryPath).Where(f => f.EndsWith("log", StringComparison.Ordinal) || f.EndsWith("index", StringComparison.Ordinal)).Order().ToList();
        Assert.True(files.Count(f => f.EndsWith(".index", StringComparison.Ordinal)) >= 2, "segments were rolled");
        var dump = await JavaAsync("dump-log", "--files", string.Join(',', files), "--index-sanity-check");
        Assert.DoesNotContain("isvalid: false", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("Mismatches", dump, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("passed sanity check", dump, StringComparison.Ordinal);
    }

    private static async Task<string> JavaAsync(params string[] arguments) => (await ApacheKafka.ToolAsync(arguments)).All;
}
