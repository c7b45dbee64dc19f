using System.Globalization;

namespace Switchback.Kafka.Tests.Oracle;

public class KafkaErrorTests
{
    [Fact]
    public async Task Codes_names_and_what_may_be_tried_again_are_Kafkas()
    {
        var theirs = (await JavaProgram.RunAsync("ErrorsOracle", "")).Select(line => line.Split(' ')).ToDictionary(
            words => (KafkaError)short.Parse(words[0], CultureInfo.InvariantCulture),
            words => (Name: words[1].Replace("_", "", StringComparison.Ordinal), Retriable: words[2] == "true"));
        Assert.Equal(theirs.Keys.Order(), Enum.GetValues<KafkaError>().Order());
        foreach (var (error, expected) in theirs)
        {
            Assert.Equal(expected.Name, error.ToString().ToUpperInvariant());
            Assert.True(expected.Retriable == error.IsRetriable(), $"{error}: retriable is {error.IsRetriable()}");
        }
    }
}
