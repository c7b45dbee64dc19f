using System.Text.Json.Nodes;
using Switchback.Reloader.Deciding;

namespace Switchback.Reloader.Tests.Deciding;

public sealed class ReferencesTests
{
    private static readonly ResourceRef ConfigMap = new(ResourceKind.ConfigMap, "it");
    private static readonly ResourceRef Secret = new(ResourceKind.Secret, "it");

    [Theory]
    [InlineData("""{"volumes": [{"name": "v", "configMap": {"name": "it"}}], "containers": [{"name": "a"}, {"name": "b", "volumeMounts": [{"name": "v"}]}]}""", "b")]
    [InlineData("""{"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "it"}}]}}], "containers": [{"name": "a", "volumeMounts": [{"name": "v"}]}]}""", "a")]
    [InlineData("""{"containers": [{"name": "a"}, {"name": "b", "env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "it", "key": "k"}}}]}]}""", "b")]
    [InlineData("""{"containers": [{"name": "a", "envFrom": [{"configMapRef": {"name": "it"}}]}]}""", "a")]
    // A mount goes before a variable, whichever container comes first.
    [InlineData("""{"volumes": [{"name": "v", "configMap": {"name": "it"}}], "containers": [{"name": "a", "envFrom": [{"configMapRef": {"name": "it"}}]}, {"name": "b", "volumeMounts": [{"name": "v"}]}]}""", "b")]
    // An init container's use: the first regular container carries the variable.
    [InlineData("""{"initContainers": [{"name": "i", "envFrom": [{"configMapRef": {"name": "it"}}]}], "containers": [{"name": "a"}, {"name": "b"}]}""", "a")]
    [InlineData("""{"volumes": [{"name": "v", "configMap": {"name": "it"}}], "initContainers": [{"name": "i", "volumeMounts": [{"name": "v"}]}], "containers": [{"name": "a"}, {"name": "b"}]}""", "a")]
    public void A_use_is_found_and_its_container(string spec, string container)
    {
        var references = Read(spec);
        Assert.True(references.Contains(ConfigMap));
        Assert.False(references.Contains(Secret));
        Assert.Equal(container, references.Container(ConfigMap));
    }

    [Theory]
    [InlineData("""{"volumes": [{"name": "v", "secret": {"secretName": "it"}}], "containers": [{"name": "a", "volumeMounts": [{"name": "v"}]}]}""")]
    [InlineData("""{"volumes": [{"name": "v", "projected": {"sources": [{"secret": {"name": "it"}}]}}], "containers": [{"name": "a", "volumeMounts": [{"name": "v"}]}]}""")]
    [InlineData("""{"containers": [{"name": "a", "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "it", "key": "k"}}}]}]}""")]
    [InlineData("""{"containers": [{"name": "a", "envFrom": [{"secretRef": {"name": "it"}}]}]}""")]
    public void Secrets_are_found_in_the_same_places(string spec)
    {
        Assert.True(Read(spec).Contains(Secret));
        Assert.False(Read(spec).Contains(ConfigMap));
    }

    [Theory]
    [InlineData("""{"volumes": [{"name": "v", "configMap": {"name": "it"}}], "containers": [{"name": "a"}]}""")]
    [InlineData("""{"containers": [{"name": "a", "env": [{"name": "X", "value": "it"}]}]}""")]
    [InlineData("""{"containers": []}""")]
    [InlineData("""{"containers": "nonsense", "volumes": 7}""")]
    [InlineData("{}")]
    public void What_no_container_uses_is_no_reference(string spec) => Assert.False(Read(spec).Contains(ConfigMap));

    [Fact]
    public void What_is_only_named_goes_to_the_first_container() => Assert.Equal("a", Read("""{"containers": [{"name": "a"}, {"name": "b"}]}""").Container(ConfigMap));

    private static References Read(string spec) => References.Read(new JsonObject { ["spec"] = JsonNode.Parse(spec) });
}
