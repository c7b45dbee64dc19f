using Switchback.Proxy.Settings;

namespace Switchback.Proxy.Tests.Settings;

public sealed class JaasTests
{
    [Theory]
    [InlineData("KafkaServer {\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username=\"KEY\"\n  password=\"SECRET\"\n };\n")]
    [InlineData("KafkaClient{org.apache.kafka.common.security.plain.PlainLoginModule required username=KEY password='SECRET';};")]
    [InlineData("// a comment\n# another\nKafkaServer { x.PlainLoginModule required debug=true password = \"SECRET\" username = \"KEY\" ; };")]
    public void TheFormsThatPeopleWriteAreRead(string text) => Assert.Equal(new SaslCredentials("KEY", "SECRET"), Jaas.Parse(text, "jaas.config"));

    [Fact]
    public void QuotesAndMarksInsideAValueBelongToIt() =>
        Assert.Equal(new SaslCredentials("a=b;c", "}\"\\{"), Jaas.Parse("KafkaServer { m required username=\"a=b;c\" password=\"}\\\"\\\\{\"; };", "jaas.config"));

    [Theory]
    [InlineData("")]
    [InlineData("Client { m required username=\"KEY\" password=\"SECRET\"; };")]
    [InlineData("KafkaServer { m required username=\"KEY\"; };")]
    [InlineData("KafkaServer { m required username=\"\" password=\"SECRET\"; };")]
    [InlineData("KafkaServer { m required username=\"KEY\" password=\"SECRET; };")]
    public void AnythingElseIsAnErrorThatNamesTheFileAndNotTheSecret(string text)
    {
        var wrong = Assert.Throws<InvalidDataException>(() => Jaas.Parse(text, "jaas.config"));
        Assert.Contains("jaas.config", wrong.Message);
        Assert.DoesNotContain("SECRET", wrong.Message);
    }
}
