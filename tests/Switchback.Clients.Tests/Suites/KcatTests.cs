using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>What only kcat does: groups by a pattern, and a look at the brokers' addresses.</summary>
public sealed class KcatTests(Clusters clusters)
{
    [Theory]
    [InlineData(Target.Embedded)]
    [InlineData(Target.EmbeddedThroughProxy)]
    [InlineData(Target.Apache)]
    [InlineData(Target.ApacheThroughProxy)]
    public Task It_reads_in_a_group_by_a_pattern_and_goes_on_where_it_stood(Target target)
    {
        var work = new ClientAtWork(new KcatClient(), clusters, target);
        return work.UseAsync(async judge =>
        {
            var name = work.NewName("chuck");
            await judge.CreateTopicAsync($"west.{name}", 1);
            await judge.CreateTopicAsync(name, 1);
            await judge.ProduceAsync($"west.{name}", 0, ["one", "two"]);
            await judge.ProduceAsync(name, 0, ["three"]);
            var consume = KcatClient.Arguments(work.Pointed, "-E", "-G", name, "-q", "-c", "3", "-X", "auto.offset.reset=earliest", $"^.*{name}$");
            Assert.Equal(["one", "three", "two"], await LinesAsync());
            await judge.ProduceAsync(name, 0, ["four", "five", "six"]);
            Assert.Equal(["five", "four", "six"], await LinesAsync());

            async Task<IEnumerable<string>> LinesAsync()
            {
                var run = await Tool.RunAsync("kcat", consume);
                Assert.True(run.ExitCode == 0, run.All);
                return run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order();
            }
        });
    }

    [Theory]
    [InlineData(Target.EmbeddedThroughProxy)]
    [InlineData(Target.ApacheThroughProxy)]
    public Task It_is_told_no_address_but_the_proxys(Target target)
    {
        var work = new ClientAtWork(new KcatClient(), clusters, target);
        return work.UseAsync(async _ =>
        {
            var listed = await Tool.RunAsync("kcat", KcatClient.Arguments(work.Pointed, "-L", "-m", "60", "-X", "debug=broker,metadata,protocol"));
            Assert.True(listed.ExitCode == 0, listed.All);
            Assert.Contains("3 brokers", listed.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(work.Cluster.Direct.Bootstrap.Split(','), address => listed.All.Contains(address[address.LastIndexOf(':')..], StringComparison.Ordinal));
        });
    }
}
