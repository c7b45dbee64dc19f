using Switchback.Clients.Tests.Clients;
using Switchback.Clients.Tests.Targets;

namespace Switchback.Clients.Tests.Suites;

/// <summary>Apache Kafka's tools for those who operate it.</summary>
public sealed class JavaToolTests(Clusters clusters)
{
    [Theory]
    [InlineData(Target.Embedded)]
    [InlineData(Target.EmbeddedThroughProxy)]
    [InlineData(Target.Apache)]
    [InlineData(Target.ApacheThroughProxy)]
    public Task The_groups_tool_sees_lag_sets_offsets_back_and_deletes_a_group(Target target)
    {
        var work = new ClientAtWork(new JavaClient(), clusters, target);
        return work.UseAsync(async judge =>
        {
            var (topic, group) = (work.NewName("verified"), work.NewName("group"));
            await judge.CreateTopicAsync(topic, 1);
            var (at, login) = (JavaClient.At(work.Pointed), JavaClient.Login(work.Pointed, "--command-config"));
            var produced = await JavaClient.ToolAsync(["verifiable-producer", .. at, "--topic", topic, "--max-messages", "1000", "--acks", "-1", .. login]);
            Assert.Contains("\"sent\":1000,\"acked\":1000", produced, StringComparison.Ordinal);
            var consumed = await JavaClient.ToolAsync(["verifiable-consumer", .. at, "--topic", topic, "--group-id", group, "--max-messages", "1000", "--reset-policy", "earliest", .. login]);
            Assert.Contains("offsets_committed", consumed, StringComparison.Ordinal);
            Assert.Matches($@"{topic}\s+0\s+1000\s+1000\s+0", await GroupsAsync("--describe", "--group", group));
            Assert.Matches($@"{topic}\s+0\s+250", await GroupsAsync("--group", group, "--topic", topic, "--reset-offsets", "--to-offset", "250", "--execute"));
            Assert.Matches($@"{topic}\s+0\s+250\s+1000\s+750", await GroupsAsync("--describe", "--group", group));
            Assert.Contains("successful", await GroupsAsync("--delete", "--group", group), StringComparison.Ordinal);
            Assert.DoesNotContain(group, await GroupsAsync("--list"), StringComparison.Ordinal);

            Task<string> GroupsAsync(params string[] arguments) => JavaClient.ToolAsync(["consumer-groups", .. at, .. login, .. arguments]);
        });
    }
}
