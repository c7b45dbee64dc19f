using System.Diagnostics;
using System.Runtime.Versioning;
using ChuckClient;
using YamlDotNet.RepresentationModel;

namespace Switchback.Samples.Tests;

/// <summary>The names, annotations and references that the scenario fixes hold in deploy/.</summary>
public sealed class ManifestTests
{
    private static readonly string Deploy = Path.Combine(Repository.Root, "deploy");

    private static readonly List<YamlMappingNode> All =
        [.. Directory.GetFiles(Deploy, "*.yaml", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != "kustomization.yaml").Order().SelectMany(Documents)];

    [Theory]
    [InlineData("clients", "java-cloud-producer", "java-cloud-producer-config,kafka-proxy-config")]
    [InlineData("clients", "java-cloud-consumer", "java-cloud-consumer-config,kafka-proxy-config")]
    [InlineData("noproxy-clients", "java-cloud-producer-noproxy", "java-cloud-producer-noproxy-config")]
    [InlineData("noproxy-clients", "java-cloud-consumer-noproxy", "java-cloud-consumer-noproxy-config")]
    public void A_client(string @namespace, string name, string reload)
    {
        var deployment = Find("Deployment", @namespace, name);
        Assert.Equal(reload, Text(deployment, "metadata", "annotations", "configmap.reloader.stakater.com/reload"));
        Assert.Equal(name, Text(deployment, "spec", "selector", "matchLabels", "app"));
        Assert.Equal(name, Text(deployment, "spec", "template", "metadata", "labels", "app"));

        var pod = At(deployment, "spec", "template", "spec");
        var containers = Sequence(pod, "containers");
        var volumes = Sequence(pod, "volumes").ToDictionary(v => Text(v, "name"), v => Text(v, "configMap", "name"));
        Assert.Equal(name, Text(containers[0], "name"));
        Assert.Equal("/config/config.properties", Assert.Single(Sequence(containers[0], "args")).ToString());
        foreach (var (container, config) in containers.Zip(reload.Split(',')))
        {
            var mount = Assert.Single(Sequence(container, "volumeMounts"));
            Assert.Equal(("/config", config), (Text(mount, "mountPath"), volumes[Text(mount, "name")]));
            foreach (var found in Config(@namespace, config))
            {
                Assert.Equal("true", Text(found, "metadata", "annotations", "reloader.stakater.com/match"));
            }
        }
    }

    [Theory]
    [InlineData("clients", "java-cloud-producer")]
    [InlineData("noproxy-clients", "java-cloud-producer-noproxy")]
    public void The_Service_of_a_producer(string @namespace, string name)
    {
        var service = Find("Service", @namespace, name);
        Assert.Equal(("LoadBalancer", name), (Text(service, "spec", "type"), Text(service, "spec", "selector", "app")));
        Assert.Equal("8080", Text(Assert.Single(Sequence(service, "spec", "ports")), "port"));
    }

    [Theory]
    [InlineData("java-cloud-producer")]
    [InlineData("java-cloud-consumer")]
    public void The_sidecar_is_started_as_its_users_start_it_with_TLS_verified_and_a_true_readiness(string name)
    {
        var proxy = Sequence(Find("Deployment", "clients", name), "spec", "template", "spec", "containers")[1];
        var arguments = Sequence(proxy, "args").Select(a => a.ToString()).ToList();
        Assert.Equal("kafka-proxy", Text(proxy, "name"));
        Assert.Equal("server", arguments[0]);
        Assert.Contains("--bootstrap-server-mapping=$(BOOTSTRAP_SERVERS),127.0.0.1:32400", arguments);
        Assert.Contains("--tls-ca-chain-cert-file=/config/ca.pem", arguments);
        Assert.Contains("--sasl-jaas-config-file=/config/jaas.config", arguments);
        Assert.DoesNotContain("--tls-insecure-skip-verify", arguments);
        Assert.Equal(("/ready", "9080"), (Text(proxy, "readinessProbe", "httpGet", "path"), Text(proxy, "readinessProbe", "httpGet", "port")));
        Assert.Equal(("/health", "9080"), (Text(proxy, "livenessProbe", "httpGet", "path"), Text(proxy, "livenessProbe", "httpGet", "port")));
        var reference = At(Assert.Single(Sequence(proxy, "env"), e => Text(e, "name") == "BOOTSTRAP_SERVERS"), "valueFrom", "configMapKeyRef");
        Assert.Equal(("kafka-proxy-config", "bootstrap_servers"), (Text(reference, "name"), Text(reference, "key")));
    }

    [Fact]
    public void The_values_of_north_and_west_differ_in_nothing_but_the_cluster()
    {
        foreach (var north in Directory.GetFiles(Deploy, "*north.yaml", SearchOption.AllDirectories))
        {
            var expected = File.ReadAllText(north)
                .Replace("NORTH_", "WEST_", StringComparison.Ordinal).Replace("cluster north", "cluster west", StringComparison.Ordinal);
            Assert.Equal(expected, File.ReadAllText(north.Replace("north.yaml", "west.yaml", StringComparison.Ordinal)));
            Assert.Contains("WEST_BOOTSTRAP_SERVERS", expected, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_client_configuration_is_one_that_the_samples_take()
    {
        foreach (var map in All.Where(d => Text(d, "kind") == "ConfigMap" && Text(d, "metadata", "name") != "kafka-proxy-config"))
        {
            var role = Text(map, "metadata", "name").Contains("producer", StringComparison.Ordinal) ? ClientRole.Producer : ClientRole.Consumer;
            var text = Text(map, "data", "config.properties").Replace("/config/ca.pem", Path.Combine(Deploy, "README.md"), StringComparison.Ordinal);
            var properties = ClientProperties.Parse(text, Text(map, "metadata", "name"), role);
            var topic = Text(map, "metadata", "namespace") == "clients" ? "chuck-java-topic" : "chuck-java-np-topic";
            Assert.EndsWith(topic, properties.Topic, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")]
    [InlineData("")]
    [SupportedOSPlatform("linux")]
    public async Task Fill_puts_in_any_value_as_it_is(string ca)
    {
        var directory = Directory.CreateTempSubdirectory("filled-");
        try
        {
            var start = new ProcessStartInfo(Path.Combine(Deploy, "fill"), [directory.FullName]) { RedirectStandardError = true };
            foreach (var cluster in new[] { "NORTH", "WEST" })
            {
                start.Environment[$"{cluster}_BOOTSTRAP_SERVERS"] = $"{cluster}.example:9092";
                start.Environment[$"{cluster}_API_KEY"] = @"k&\1/|";
                start.Environment[$"{cluster}_API_SECRET"] = $"s+/=$HOME`{cluster}`";
                start.Environment[$"{cluster}_CA_PEM"] = ca;
            }

            using var fill = Process.Start(start)!;
            await fill.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, fill.ExitCode);

            foreach (var file in Directory.GetFiles(directory.FullName, "*.yaml", SearchOption.AllDirectories))
            {
                Assert.NotEmpty(Documents(file));
                Assert.DoesNotMatch("_(API_KEY|API_SECRET|BOOTSTRAP_SERVERS|CA_PEM)", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            var north = Assert.Single(Documents(Path.Combine(directory.FullName, "proxy", "values", "north.yaml")));
            Assert.Contains("password=\"s+/=$HOME`NORTH`\"", Text(north, "data", "jaas.config"), StringComparison.Ordinal);
            Assert.Contains(@"username=""k&\1/|""", Text(north, "data", "jaas.config"), StringComparison.Ordinal);
            var data = Assert.IsType<YamlMappingNode>(At(north, "data"));
            Assert.Equal(ca, data.Children.TryGetValue("ca.pem", out var pem) ? pem.ToString() : "");
            var client = Path.Combine(directory.FullName, "proxy", "10-java-cloud-producer.yaml");
            var producer = await File.ReadAllTextAsync(client, TestContext.Current.CancellationToken);
            Assert.Equal(ca.Length > 0, producer.Contains("ca-chain-cert-file", StringComparison.Ordinal));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("proxy", 7)]
    [InlineData("no-proxy", 6)]
    [InlineData("reloader", 7)]
    public async Task Kubectl_takes_the_folder(string folder, int objects)
    {
        var kubectl = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(d => Path.Combine(d, "kubectl")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(kubectl is null, "no kubectl on this machine");
        using var process = Process.Start(new ProcessStartInfo(kubectl, ["kustomize", Path.Combine(Deploy, folder)]) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(objects, output.Split('\n').Count(l => l.StartsWith("kind: ", StringComparison.Ordinal)));
    }

    private static List<YamlMappingNode> Documents(string file)
    {
        using var reader = File.OpenText(file);
        var stream = new YamlStream();
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Assert.IsType<YamlMappingNode>(d.RootNode))];
    }

    private static YamlMappingNode Find(string kind, string @namespace, string name) =>
        All.Single(d => Text(d, "kind") == kind && Text(d, "metadata", "name") == name && Text(d, "metadata", "namespace") == @namespace);

    private static List<YamlMappingNode> Config(string @namespace, string name)
    {
        var found = All.Where(d => Text(d, "kind") == "ConfigMap"
            && Text(d, "metadata", "name") == name && Text(d, "metadata", "namespace") == @namespace).ToList();
        Assert.NotEmpty(found);
        return found;
    }

    private static YamlNode At(YamlNode node, params string[] path) => path.Aggregate(node, (at, key) => at[key]);

    private static IList<YamlNode> Sequence(YamlNode node, params string[] path) => Assert.IsType<YamlSequenceNode>(At(node, path)).Children;

    private static string Text(YamlNode node, params string[] path) => Assert.IsType<YamlScalarNode>(At(node, path)).Value!;
}
