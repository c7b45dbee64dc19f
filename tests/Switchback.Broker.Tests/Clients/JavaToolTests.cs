using Switchback.Broker.Tests.Protocol;

namespace Switchback.Broker.Tests.Clients;

/// <summary>Apache Kafka's own tools against the embedded cluster, where a distribution is found.</summary>
public sealed class JavaToolTests(EmbeddedTarget target) : IClassFixture<EmbeddedTarget>
{
    [Fact]
    public async Task The_verifiable_producer_and_consumer_agree()
    {
        var produced = await JavaAsync("verifiable-producer", "--bootstrap-server", target.Bootstrap, "--topic", "verified", "--max-messages", "1000", "--acks", "-1");
        Assert.Contains("\"sent\":1000,\"acked\":1000", produced, StringComparison.Ordinal);
        var consumed = await JavaAsync("verifiable-consumer", "--bootstrap-server", target.Bootstrap, "--topic", "verified", "--group-id", "v", "--max-messages", "1000", "--reset-policy", "earliest");
        Assert.Contains("offsets_committed", consumed, StringComparison.Ordinal);
        var described = await JavaAsync("consumer-groups", "--bootstrap-server", target.Bootstrap, "--describe", "--group", "v");
        Assert.Matches(@"verified\s+0\s+1000\s+1000\s+0", described);
    }

    [Fact]
    public async Task The_message_copier_copies_each_record_exactly_once_though_it_aborts()
    {
        await JavaAsync("verifiable-producer", "--bootstrap-server", target.Bootstrap, "--topic", "source", "--max-messages", "500", "--acks", "-1");
        await JavaAsync("org.apache.kafka.tools.TransactionalMessageCopier", "--transactional-id", "copier", "--input-topic", "source", "--input-partition", "0",
            "--output-topic", "copy", "--broker-list", target.Bootstrap, "--transaction-size", "50", "--consumer-group", "copiers", "--max-messages", "500", "--enable-random-aborts");
        var read = await JavaAsync("console-consumer", "--bootstrap-server", target.Bootstrap, "--topic", "copy", "--from-beginning", "--max-messages", "500",
            "--timeout-ms", "20000", "--isolation-level", "read_committed");
        var values = read.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => int.TryParse(l, out _)).Select(int.Parse).Order();
        Assert.Equal(Enumerable.Range(0, 500), values);
    }

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
