using Switchback.LocalKubernetes.Node.Containers;

namespace Switchback.LocalKubernetes.Tests.Node;

public sealed class VariableExpansionTests
{
    private static readonly Dictionary<string, string> Variables = new() { ["A"] = "1", ["B"] = "$(A)" };

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)y$(A)", "x1y1")]
    [InlineData("$(B)", "$(A)")]
    [InlineData("$(C)", "$(C)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("$A", "$A")]
    [InlineData("$(A", "$(A")]
    [InlineData("cost: $", "cost: $")]
    [InlineData("--mapping=$(A),127.0.0.1:32400", "--mapping=1,127.0.0.1:32400")]
    public void Expands_as_Kubernetes_documents(string text, string expected) => Assert.Equal(expected, VariableExpansion.Expand(text, Variables));

    [Theory]
    [InlineData("250m", 0.25)]
    [InlineData("1.5", 1.5)]
    [InlineData("64Mi", 67108864)]
    [InlineData("1k", 1000)]
    [InlineData("1e3", 1000)]
    public void Quantities_are_read(string text, double expected)
    {
        Assert.True(Quantity.TryParse(text, out var value));
        Assert.Equal((decimal)expected, value);
    }
}
