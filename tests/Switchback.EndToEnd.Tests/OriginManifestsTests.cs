using YamlDotNet.RepresentationModel;

namespace Switchback.EndToEnd.Tests;

/// <summary>The files that the drill on the origin's manifests is played on have the origin's shape.</summary>
public sealed class OriginManifestsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("origin-");

    public OriginManifestsTests() =>
        OriginManifests.Write(_directory.FullName, OriginCluster.Placeholders("north"), new OriginCluster("west", "west.example:9092", "K", "S"));

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Every_file_holds_objects_with_kind_name_and_API_version()
    {
        var files = _directory.GetFiles("*.yaml", SearchOption.AllDirectories);
        Assert.Equal(14, files.Length);
        foreach (var root in files.SelectMany(Documents))
        {
            Assert.NotEmpty(Text(root, "apiVersion"));
            Assert.NotEmpty(Text(root, "kind"));
            Assert.NotEmpty(Text(root, "metadata", "name"));
        }
    }

    [Theory]
    [InlineData("proxy/10-java-cloud-producer.yaml", "java-cloud-producer-config,kafka-proxy-config", 2)]
    [InlineData("proxy/20-java-cloud-consumer.yaml", "java-cloud-consumer-config,kafka-proxy-config", 2)]
    [InlineData("no-proxy/10-java-cloud-producer-noproxy.yaml", "java-cloud-producer-noproxy-config", 1)]
    [InlineData("no-proxy/20-java-cloud-consumer-noproxy.yaml", "java-cloud-consumer-noproxy-config", 1)]
    public void A_Deployment_names_its_ConfigMaps_and_has_its_containers(string file, string reload, int containers)
    {
        var deployment = Documents(new FileInfo(Path.Combine(_directory.FullName, file))).Single(d => Text(d, "kind") == "Deployment");
        Assert.Equal(reload, Text(deployment, "metadata", "annotations", "configmap.reloader.stakater.com/reload"));
        Assert.Empty(Assert.IsType<YamlMappingNode>(At(deployment, "spec", "strategy")).Children);
        Assert.Equal("null", Text(deployment, "metadata", "creationTimestamp"));
        Assert.Equal(containers, Assert.IsType<YamlSequenceNode>(At(deployment, "spec", "template", "spec", "containers")).Children.Count);
    }

    [Fact]
    public void The_values_of_a_cluster_are_those_given()
    {
        var west = Documents(new FileInfo(Path.Combine(_directory.FullName, "proxy/values/west.yaml"))).Single();
        Assert.Equal("west.example:9092", Text(west, "data", "bootstrap_servers"));
        Assert.Contains("  username=\"K\"\n", Text(west, "data", "jaas.config"), StringComparison.Ordinal);

        var consumer = Documents(new FileInfo(Path.Combine(_directory.FullName, "no-proxy/values/consumer-west.yaml"))).Single();
        Assert.Contains(
            "\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username='K' password='S';\n",
            Text(consumer, "data", "config.properties"),
            StringComparison.Ordinal);

        var north = Documents(new FileInfo(Path.Combine(_directory.FullName, "proxy/values/north.yaml"))).Single();
        Assert.Equal("NORTH_BOOTSTRAP_SERVERS", Text(north, "data", "bootstrap_servers"));
    }

    private static List<YamlMappingNode> Documents(FileInfo file)
    {
        using var reader = file.OpenText();
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Assert.IsType<YamlMappingNode>(d.RootNode))];
    }

    private static YamlNode At(YamlNode node, params string[] path) => path.Aggregate(node, (at, key) => at[key]);

    private static string Text(YamlNode node, params string[] path) => Assert.IsType<YamlScalarNode>(At(node, path)).Value!;
}
