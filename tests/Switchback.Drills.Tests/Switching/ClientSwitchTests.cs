using System.Text.Json.Nodes;
using Switchback.Drills.Switching;

namespace Switchback.Drills.Tests.Switching;

public sealed class ClientSwitchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("switch-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("proxy", "west", "proxy/values/west.yaml")]
    [InlineData("producer", "north", "no-proxy/values/producer-north.yaml")]
    [InlineData("consumer", "west", "no-proxy/values/consumer-west.yaml")]
    public void Each_kind_of_client_has_its_manifest(string client, string cluster, string file) =>
        Assert.Equal(file, new ClientSwitch(client, cluster).RelativeFile);

    [Fact]
    public void The_first_folder_that_has_the_file_gives_it_and_placeholders_come_from_the_environment()
    {
        Write("bootstrap_servers: WEST_BOOTSTRAP_SERVERS\n  jaas: user='WEST_API_KEY' password='WEST_API_SECRET' MY_WEST_API_KEYS");
        var (file, configMap) = new ClientSwitch("proxy", "west").Read(["nowhere", folder], name => name.ToLowerInvariant());
        Assert.StartsWith(folder, file, StringComparison.Ordinal);
        Assert.Equal("west_bootstrap_servers", (string?)configMap["data"]!["bootstrap_servers"]);
        Assert.Equal("user='west_api_key' password='west_api_secret' MY_WEST_API_KEYS", (string?)configMap["data"]!["jaas"]);
    }

    [Fact]
    public void What_is_not_filled_in_is_named_whole()
    {
        Write("a: WEST_API_SECRET WEST_API_KEY");
        var error = Assert.Throws<SwitchException>(() => new ClientSwitch("proxy", "west").Read([folder], _ => null));
        Assert.Contains("WEST_API_KEY, WEST_API_SECRET not filled in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named_with_the_folders_that_were_tried()
    {
        var error = Assert.Throws<SwitchException>(() => new ClientSwitch("proxy", "west").Read(["one", "two"], _ => null));
        Assert.Contains("proxy/values/west.yaml in one or two", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"metadata": {"annotations": {"configmap.reloader.stakater.com/reload": "a, values"}}}""", true)]
    [InlineData("""{"metadata": {"annotations": {"configmap.reloader.stakater.com/reload": "other-values"}}}""", false)]
    [InlineData("""{"spec": {"template": {"spec": {"volumes": [{"configMap": {"name": "values"}}]}}}}""", true)]
    [InlineData("""{"spec": {"template": {"spec": {"containers": [{"env": [{"valueFrom": {"configMapKeyRef": {"name": "values"}}}]}]}}}}""", true)]
    [InlineData("{}", false)]
    public void A_Deployment_is_concerned_when_it_names_or_uses_the_ConfigMap(string deployment, bool concerned) =>
        Assert.Equal(concerned, SwitchRun.Concerns(JsonNode.Parse(deployment)!.AsObject(), "values"));

    [Theory]
    [InlineData(2, 1, 1, 1, 1, "its pod template was changed", false)]
    [InlineData(2, 2, 0, 1, 1, "0 of 1 new pods started, 1 old still there, 1 available", false)]
    [InlineData(2, 2, 1, 2, 2, "1 of 1 new pods started, 1 old still there, 2 available", false)]
    [InlineData(2, 2, 1, 1, 0, "1 of 1 new pods started, 0 old still there, 0 available", false)]
    [InlineData(2, 2, 1, 1, 1, "rolled out, every old pod is gone", true)]
    public void A_rollout_is_complete_as_kubectl_judges_it(int generation, int observed, int updated, int total, int available, string words, bool complete)
    {
        var state = RolloutState.Of(JsonNode.Parse($$$"""
            {"metadata": {"generation": {{{generation}}} }, "spec": {"replicas": 1},
             "status": {"observedGeneration": {{{observed}}}, "updatedReplicas": {{{updated}}}, "replicas": {{{total}}}, "availableReplicas": {{{available}}} } }
            """)!.AsObject());
        Assert.Equal((words, complete), (state.Describe(), state.IsComplete));
    }

    private void Write(string data)
    {
        Directory.CreateDirectory(Path.Combine(folder, "proxy", "values"));
        File.WriteAllText(
            Path.Combine(folder, "proxy", "values", "west.yaml"), $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kafka-proxy-config, namespace: clients}}\ndata:\n  {data}\n");
    }
}
