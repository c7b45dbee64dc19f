using System.Text.Json.Nodes;

namespace Switchback.Kubernetes.Tests.Objects;

/// <summary>YAML is typed as kubectl types it; the expectations were made with <c>kubectl label --local -o json</c>, and a test below asks it again.</summary>
public sealed class ManifestsTests
{
    private const string Scalars = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: scalars
          annotations: { quoted: "true", number: '8080', version: "1.0", null-like: "~", octal: "0644" }
        data:
          block: |
            one
            two
          folded: >-
            one
            two
          on: "on"
        """;

    [Theory]
    [InlineData("a: true", "true")]
    [InlineData("a: \"true\"", "\"true\"")]
    [InlineData("a: 'true'", "\"true\"")]
    [InlineData("a: yes", "true")]
    [InlineData("a: off", "false")]
    [InlineData("a: y", "\"y\"")]
    [InlineData("a: 8080", "8080")]
    [InlineData("a: \"8080\"", "\"8080\"")]
    [InlineData("a: 0644", "420")]
    [InlineData("a: 0o644", "420")]
    [InlineData("a: 0x1F", "31")]
    [InlineData("a: -7", "-7")]
    [InlineData("a: 1.5", "1.5")]
    [InlineData("a: 1e3", "1000")]
    [InlineData("a: 1.2.3", "\"1.2.3\"")]
    [InlineData("a: 100m", "\"100m\"")]
    [InlineData("a: 12345678901234567890123", "1.2345678901234568E+22")]
    [InlineData("a: 2023-01-01", "\"2023-01-01\"")]
    [InlineData("a: ~", "null")]
    [InlineData("a:", "null")]
    [InlineData("a: {}", "{}")]
    [InlineData("a: !!str 7", "\"7\"")]
    public void A_scalar_has_kubectls_type(string yaml, string json) =>
        Assert.Equal(json, Manifests.Parse(yaml, "test").Single()["a"]?.ToJsonString() ?? "null");

    [Fact]
    public void Documents_are_separated_empty_ones_left_out_and_lists_taken_apart()
    {
        var found = Manifests.Parse("---\n# nothing\n---\nkind: A\n---\nkind: List\nitems: [{kind: B}, {kind: C}]\n---\n", "test");
        Assert.Equal(["A", "B", "C"], found.Select(item => item.Kind));
    }

    [Theory]
    [InlineData("a: [", "line 2")]
    [InlineData("- a\n- b", "an object is expected")]
    [InlineData("a: 1\na: 2", "line 2")]
    [InlineData("? [a]\n: b", "a key must be a scalar")]
    public void What_is_no_manifest_is_told_with_file_and_line(string yaml, string part)
    {
        var error = Assert.Throws<ManifestException>(() => Manifests.Parse(yaml, "some.yaml"));
        Assert.StartsWith("some.yaml: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aliases_that_multiply_are_refused_before_they_fill_the_memory()
    {
        var yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i =>
            $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Assert.Throws<ManifestException>(() => Manifests.Parse(yaml, "bomb.yaml"));
    }

    [Fact]
    public async Task Kubectl_reads_the_same()
    {
        var kubectl = await Kubectl.RunAsync(Scalars, "label", "--local", "-o", "json", "-f", "-", "it=is");
        Assert.SkipUnless(kubectl is not null, "there is no kubectl on this machine");
        var expected = JsonNode.Parse(kubectl)!.AsObject();
        expected.Object("metadata")!.Remove("labels");
        var ours = Manifests.Parse(Scalars, "test").Single();
        Assert.True(JsonNode.DeepEquals(expected, ours), $"kubectl: {expected.ToJsonString()}\nours: {ours.ToJsonString()}");
    }
}
