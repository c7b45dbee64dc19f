using Switchback.Mirror.Configuration;

namespace Switchback.Mirror.Tests.Configuration;

public class MirrorConfigurationTests
{
    private const string Right = """
        listen: 127.0.0.1:9464
        clusters:
          north: { bootstrap.servers: "localhost:19092" }
          west:
            bootstrap.servers: localhost:29092
            security.protocol: SASL_PLAINTEXT
            sasl.mechanism: PLAIN
            sasl.username: key
            sasl.password: very-secret
        links:
          - name: north-west-clink
            source: north
            target: west
            configs:
              cluster.link.prefix: north-
              auto.create.mirror.topics.enable: "true"
              auto.create.mirror.topics.filters: '{"topicFilters":[{"name":"chuck","patternType":"PREFIXED","filterType":"INCLUDE"},{"name":"chuck-private","patternType":"LITERAL","filterType":"EXCLUDE"}]}'
              consumer.offset.sync.enable: "true"
              consumer.offset.sync.ms: "50"
              consumer.offset.group.filters: [billing, chuck*]
        """;

    [Fact]
    public void A_right_file_is_read()
    {
        var options = Load(Right);
        var link = Assert.Single(options.Links);
        Assert.Equal(("north-west-clink", "north", "west", "north-"), (link.Name, link.Source, link.Target, link.Prefix));
        Assert.True(link.SyncGroups);
        Assert.Equal(50, link.GroupInterval.TotalMilliseconds);
        Assert.Equal([true, false, false], new[] { "chuck-java", "chuck-private", "other" }.Select(link.TopicFilter.Takes));
        Assert.Equal([true, false, true], new[] { "billing", "billing2", "chuck-cg" }.Select(link.GroupFilter.Takes));
        Assert.Equal(9464, options.Listen!.Port);
        Assert.DoesNotContain("very-secret", options.ToString() + string.Join(' ', options.Clusters.Values), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_is_listed_with_its_line()
    {
        var errors = Errors("""
            listen: nowhere
            clusters:
              north: { bootstrap.servers: "localhost" }
              west: { bootstrap.servers: "localhost:29092" }
            links:
              - name: a b
                source: north
                target: east
                configs:
                  cluster.link.prefix: "x/"
                  consumer.offset.sync.enable: maybe
                  consumer.offset.sync.ms: 1
                  auto.create.mirror.topics.filters: '{"topicFilters":1}'
                  consumer.offset.sync.mss: 5
            colour: red
            """);
        foreach (var (line, key) in new[] { (1, "listen"), (3, "bootstrap.servers"), (6, "name"), (8, "target"), (10, "prefix"), (11, "sync.enable"), (12, "sync.ms"), (13, "filters"), (14, "sync.mss"), (15, "colour") })
            Assert.Contains(errors, error => error.Contains($".yaml:{line}:", StringComparison.Ordinal) && error.Contains(key, StringComparison.Ordinal));
        Assert.Equal(10, errors.Count);
        Assert.Contains(errors, error => error.Contains("north or west would be right", StringComparison.Ordinal));
    }

    [Fact]
    public void Links_both_ways_need_prefixes()
    {
        var errors = Errors("""
            clusters:
              north: { bootstrap.servers: "localhost:19092" }
              west: { bootstrap.servers: "localhost:29092" }
            links:
              - { name: there, source: north, target: west, configs: { cluster.link.prefix: north- } }
              - { name: back, source: west, target: north }
            """);
        Assert.Contains("copied back", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("just a text")]
    [InlineData("clusters: [")]
    [InlineData("links: []")]
    public void What_is_no_configuration_is_refused(string text) => Assert.NotEmpty(Errors(text));

    private static IReadOnlyList<string> Errors(string text) => Assert.Throws<MirrorConfigurationException>(() => Load(text)).Errors;

    private static MirrorOptions Load(string text)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("switchback-mirror-").FullName, "mirror.yaml");
        File.WriteAllText(file, text);
        try
        {
            return MirrorOptions.Load(file);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
