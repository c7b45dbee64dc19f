using Switchback.Broker.Tests.Protocol;

namespace Switchback.Broker.Tests.Clients;

/// <summary>kcat, which is librdkafka, against the embedded cluster.</summary>
public sealed class KcatTests(EmbeddedTarget target) : IClassFixture<EmbeddedTarget>
{
    [Theory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task What_it_produces_it_reads_back_with_every_codec(string codec)
    {
        var kcat = Tool.Require("kcat");
        var topic = "kcat-" + codec;
        string[] lines = [.. Enumerable.Range(0, 500).Select(i => $"line {i}")];
        var produced = await Tool.RunAsync(kcat, ["-b", target.Bootstrap, "-P", "-t", topic, "-z", codec, "-X", "enable.idempotence=true"], string.Join('\n', lines));
        Assert.Equal((0, ""), (produced.ExitCode, produced.Errors));
        var read = await Tool.RunAsync(kcat, ["-b", target.Bootstrap, "-C", "-t", topic, "-e", "-q", "-o", "beginning"]);
        Assert.Equal(lines, read.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task It_reads_in_a_group_by_a_pattern_and_goes_on_where_it_stood()
    {
        var kcat = Tool.Require("kcat");
        await Tool.RunAsync(kcat, ["-b", target.Bootstrap, "-P", "-t", "west-chuck"], "one\ntwo");
        await Tool.RunAsync(kcat, ["-b", target.Bootstrap, "-P", "-t", "chuck"], "three");
        string[] consume = ["-b", target.Bootstrap, "-G", "cg", "-q", "-c", "3", "-X", "auto.offset.reset=earliest", "^.*chuck$"];
        var first = await Tool.RunAsync(kcat, consume);
        Assert.Equal(["one", "three", "two"], first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        await Tool.RunAsync(kcat, ["-b", target.Bootstrap, "-P", "-t", "chuck"], "four\nfive\nsix");
        var second = await Tool.RunAsync(kcat, consume);
        Assert.Equal(["five", "four", "six"], second.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }
}
