using Switchback.Kafka.Generator.Parsing;

namespace Switchback.Kafka.Tests.Schema;

public class SchemaParserTests
{
    [Theory]
    [InlineData("request Fetch versions 0 flexible 0+", 0, "key")]
    [InlineData("message Fetch key 1", 0, "expected")]
    [InlineData("data A versions x flexible none", 0, "not a version range")]
    [InlineData("data A versions 0 flexible none\n   X int32", 1, "two spaces")]
    [InlineData("data A versions 0 flexible none\n  X int33", 1, "unknown type")]
    [InlineData("data A versions 0 flexible none\n  X int32\n  X int64", 2, "twice")]
    [InlineData("data A versions 0 flexible none\n  X int32\n    Y int32", 2, "struct type")]
    [InlineData("data A versions 0 flexible none\n  X int32 sometimes", 1, "not a version range")]
    [InlineData("data A versions 0 flexible none\n  X", 1, "expected")]
    public void What_is_wrong_is_said_with_its_line(string schema, int line, string expected)
    {
        var failure = Assert.Throws<SchemaException>(() => SchemaParser.Parse(schema));
        Assert.Equal(line, failure.Line);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }
}
