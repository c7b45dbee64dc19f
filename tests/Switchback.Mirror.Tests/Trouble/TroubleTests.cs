using Switchback.Kafka.Client;
using Switchback.Mirror.Status;
using Switchback.Mirror.Tests.Clusters;
using Switchback.Mirror.Tests.Copying;

namespace Switchback.Mirror.Tests.Trouble;

/// <summary>One mirror, one source, six targets; five of them cannot be used, each in its own way. TLS and SASL on both sides.</summary>
public class TroubleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_trouble_is_one_clear_line_and_the_other_links_go_on()
    {
        ApacheKafka.RequireHome();
        await using var kafka = ApacheKafkaCluster.Create(
            secure: true, properties: ["authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users=User:admin;User:ANONYMOUS"]);
        await kafka.StartAsync();
        await using var small = new EmbeddedTestCluster(properties: "message.max.bytes=2000");
        await small.StartAsync();
        await using var client = TopicData.Connect(kafka.Plaintext);
        await client.CreateTopicsAsync([new NewTopic("orders", 2), new NewTopic("narrow-orders", 1)], Cancellation);
        await AllowAllButToGrowAsync(kafka);
        await ProduceAsync(client, 0, 10);
        await using var mirror = await MirrorChild.StartAsync(Configuration(kafka, small));
        await ReachesAsync(mirror, "small", link => link.PartitionDetails.Any(p => p.SourceOffset == 10));
        await ProduceAsync(client, 10, 200);

        await ReachesAsync(mirror, "wrong", link => link.State == "targetUnavailable" && Says(link, "refused the credentials"));
        await ReachesAsync(mirror, "forbidden", link => link.State == "targetUnavailable" && Says(link, "AuthorizationFailed"));
        await ReachesAsync(mirror, "away", link => link.State == "targetUnavailable" && Says(link, "cannot connect to localhost:1"));
        await ReachesAsync(mirror, "small", link => link.PartitionDetails.Any(p => p.State == "refused" && p.Problem!.Contains("MessageTooLarge", StringComparison.Ordinal)));
        var behind = (await mirror.LinkAsync("small")).PartitionDetails.Single(p => p.State == "refused");
        Assert.Equal(220 - behind.SourceOffset, behind.LagRecords + 10);
        Assert.True(behind is { LagBytes: > 0, LagMs: >= 0 }, behind.ToString());
        var metrics = await mirror.GetAsync("metrics");
        foreach (var unit in new[] { "records", "bytes", "milliseconds" })
            Assert.Matches($$"""(?m)^switchback_mirror_partition_lag_{{unit}}\{link="small",topic="orders",partition="0"\} \d+$""", metrics);
        await ReachesAsync(mirror, "narrow", link => link.State == "copying" && Says(link, "add partitions to narrow-orders: TopicAuthorizationFailed"));
        await ProduceAsync(client, 210, 10);
        await ReachesAsync(mirror, "narrow", link => link.PartitionDetails is [{ SourceOffset: 220 }]);
        await ReachesAsync(mirror, "good", link => link is { State: "copying", LagRecords: 0 } && link.PartitionDetails.Any(p => p.SourceOffset == 220));
        Assert.Equal(
            await TopicData.ReadAsync(client, new TopicPartition("orders", 0)), await TopicData.ReadAsync(client, new TopicPartition("good-orders", 0)));
        var table = await mirror.TableAsync();
        foreach (var link in new[] { "wrong", "forbidden", "away", "small", "narrow" })
            Assert.Single(table.Split('\n'), line => line.StartsWith(link + ":", StringComparison.Ordinal));
        Assert.DoesNotContain("not-the-secret", table, StringComparison.Ordinal);
    }

    private static bool Says(LinkStatus link, string what) => link.Problem?.Contains(what, StringComparison.Ordinal) == true;

    private static Task ReachesAsync(MirrorChild mirror, string link, Func<LinkStatus, bool> condition) =>
        Eventually.HoldsAsync(async () => condition(await mirror.LinkAsync(link)), link, () => mirror.GetAsync("status"));

    private static async Task ProduceAsync(ClusterClient client, int first, int count) =>
        await client.ProduceAsync(new TopicPartition("orders", 0), TopicData.Batch(first, count), null, Cancellation);

    /// <summary>A user who may do anything but add partitions to one topic.</summary>
    private static async Task AllowAllButToGrowAsync(ApacheKafkaCluster kafka)
    {
        string[] at = ["--bootstrap-server", kafka.Plaintext];
        await Task.WhenAll(
            ApacheKafka.ToolAsync(["configs", .. at, "--alter", "--add-config", "SCRAM-SHA-256=[password=narrow-secret]", "--entity-type", "users", "--entity-name", "narrow"]),
            ApacheKafka.ToolAsync(
                ["acls", .. at, "--add", "--allow-principal", "User:narrow", "--operation", "All", "--topic", "*", "--group", "*", "--transactional-id", "*", "--cluster"]),
            ApacheKafka.ToolAsync(["acls", .. at, "--add", "--deny-principal", "User:narrow", "--operation", "Alter", "--topic", "narrow-orders"]));
    }

    private static string Configuration(ApacheKafkaCluster kafka, EmbeddedTestCluster small)
    {
        string Secure(string user, string password) =>
            $$"""{ bootstrap.servers: "{{kafka.Bootstrap}}", security.protocol: SASL_SSL, ssl.ca.location: {{kafka.CaFile}}, sasl.mechanism: SCRAM-SHA-256, sasl.username: {{user}}, sasl.password: {{password}} }""";
        string Link(string name) => $$"""
              - { name: {{name}}, source: north, target: {{name}}, topics: [orders], configs: { cluster.link.prefix: {{name}}-, auto.create.mirror.topics.enable: false } }
            """;
        return $$"""
            clusters:
              north: {{Secure("admin", "admin-secret")}}
              good: {{Secure("admin", "admin-secret")}}
              wrong: {{Secure("admin", "not-the-secret")}}
              forbidden: {{Secure("client", "client-secret")}}
              narrow: {{Secure("narrow", "narrow-secret")}}
              away: { bootstrap.servers: "localhost:1" }
              small: { bootstrap.servers: "{{small.Bootstrap}}" }
            links:
            {{string.Join('\n', new[] { "good", "wrong", "forbidden", "away", "small", "narrow" }.Select(Link))}}
            """;
    }
}
