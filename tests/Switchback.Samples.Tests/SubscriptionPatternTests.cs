using ChuckClient;

namespace Switchback.Samples.Tests;

public sealed class SubscriptionPatternTests
{
    [Theory]
    [InlineData(".*chuck-java-topic", "^(.*chuck-java-topic)$")]
    [InlineData("(?:north-)?chuck-java-topic", "^((north-)?chuck-java-topic)$")]
    [InlineData(@"chuck-\d+", "^(chuck-[0-9]+)$")]
    public void A_Java_pattern_matches_whole_names_as_an_extended_POSIX_expression(string java, string librdkafka) =>
        Assert.Equal(librdkafka, SubscriptionPattern.FromJava(java));
}
